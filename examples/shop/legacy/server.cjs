'use strict';
// settlement core server
var http = require('http');
var url = require('url');
var querystring = require('querystring');
var conf = require('./conf/config.cjs');
var db = require('./db/index.cjs');
var settleSvc = require('./svc/settleSvc.cjs');
var saleSvc = require('./svc/saleSvc.cjs');
var dateUtil = require('./util/dateUtil.cjs');

function log(msg) {
    console.log('[' + dateUtil.now14() + '] ' + msg);
}

var server = http.createServer(function (req, res) {
    var u = new url.URL(req.url, 'http://x');
    var q = u.searchParams;
    switch (u.pathname) {
        case '/ping':
            res.writeHead(200, { 'Content-Type': 'text/plain' });
            return res.end('pong');
        case '/settle/partner.do':
            return settleSvc
                .getSettle(q.get('pid'), q.get('ym'), q.get('detail'))
                .then((r) => send(res, r))
                .catch((e) => fail(res, e));
        case '/settle/addSale.do':
            if (req.method !== 'POST') return notAllowed(res);
            return readBody(req, res, function (p) {
                saleSvc.addSale(p, function (err, r) {
                    if (err) return fail(res, err);
                    send(res, r);
                });
            });
        case '/settle/cancelSale.do':
            if (req.method !== 'POST') return notAllowed(res);
            readBody(req, res, function (p) {
                saleSvc.cancelSale(p, function (err, r) {
                    if (err) fail(res, err);
                    else send(res, r);
                });
            });
            break;
        case '/partner/grade.do':
            if (req.method !== 'POST') return notAllowed(res);
            readBody(req, res, async (p) => {
                try {
                    send(res, await saleSvc.setGrade(p));
                } catch (e) {
                    fail(res, e);
                }
            });
            break;
        default:
            res.writeHead(404, { 'Content-Type': 'text/html' });
            res.end('<html><body>Not Found</body></html>');
    }
});

// form or json
function readBody(req, res, next) {
    var buf = '';
    req.setEncoding('utf8');
    req.on('data', function (c) {
        buf += c;
        if (buf.length > 1000000) req.destroy();
    });
    req.on('end', function () {
        var type = req.headers['content-type'] || '';
        var p;
        if (type.indexOf('json') >= 0) {
            try {
                p = JSON.parse(buf);
            } catch (e) {
                return send(res, { result: '1001', msg: 'PARAM json' });
            }
            if (!p || typeof p != 'object') p = {};
        } else {
            p = querystring.parse(buf);
        }
        next(p);
    });
}

function send(res, obj) {
    res.writeHead(200, { 'Content-Type': 'application/json;charset=UTF-8' });
    res.end(JSON.stringify(obj));
}

function fail(res, err) {
    log('ERROR ' + (err && err.message));
    res.writeHead(500, { 'Content-Type': 'application/json;charset=UTF-8' });
    res.end(JSON.stringify({ result: '9999', msg: 'SYSTEM ERROR' }));
}

function notAllowed(res) {
    res.writeHead(405, { 'Content-Type': 'text/html' });
    res.end('<html><body>Method Not Allowed</body></html>');
}

var stopping = false;
function stop() {
    if (stopping) return;
    stopping = true;
    log('stop');
    setTimeout(function () { process.exit(1); }, 5000).unref();
    server.close(function () {
        db.sequelize.close().then(
            () => process.exit(0),
            () => process.exit(1)
        );
    });
    server.closeIdleConnections();
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// started by another program: stop when it is gone
process.on('disconnect', stop);

server.on('error', function (e) {
    log('cannot listen: ' + e.message);
    process.exit(1);
});

db.init().then(function () {
    server.listen(conf.port, conf.host, function () {
        var port = server.address().port;
        log('settle-core listening on ' + conf.host + ':' + port);
        if (process.send) process.send({ port: port });
    });
}, function (e) {
    log('db init failed: ' + e.message);
    process.exit(1);
});

var db = require('../db/index.cjs');
var date = require('../util/date_util2.cjs');

// register a sale. params: ordNo, Partner_ID, saleDt, dtl
function addSale(p, cb) {
    if (!p.ordNo || !p.Partner_ID) return cb(null, { result: '1001', msg: 'PARAM ordNo/Partner_ID' });
    if (p.saleDt && !date.isDt14(p.saleDt)) return cb(null, { result: '1001', msg: 'PARAM saleDt' });
    var lines = parseDtl(p.dtl);
    if (!lines) return cb(null, { result: '1001', msg: 'PARAM dtl' });

    var saleDt = p.saleDt || date.now14();
    var tot = 0;
    lines.forEach(function (l) { tot += l.qty * l.unit_amt; });

    db.Sale.findOne({ where: { ordNo: p.ordNo, Partner_ID: p.Partner_ID } }).then(function (old) {
        if (old) return cb(null, { result: '0009', msg: 'ALREADY', data: { saleSeq: old.saleSeq } });
        // all or nothing, since the mismatch of march 2016
        db.sequelize.transaction(async (t) => {
            await db.Partner.findOrCreate({ where: { Partner_ID: p.Partner_ID }, defaults: { regDt: date.now14() }, transaction: t });
            const sale = await db.Sale.create({
                ordNo: p.ordNo, Partner_ID: p.Partner_ID, sale_dt: saleDt, YM: date.ymOf(saleDt), totAmt: tot, STAT: 10,
            }, { transaction: t });
            for (const l of lines) {
                await db.SaleDtl.create({ SALE_SEQ: sale.saleSeq, itemCd: l.itemCd, qty: l.qty, unit_amt: l.unit_amt }, { transaction: t });
            }
            return sale.saleSeq;
        }).then(function (seq) {
            cb(null, { result: '0000', msg: 'OK', data: { saleSeq: seq } });
        }, function (err) {
            // somebody was faster
            if (err.name == 'SequelizeUniqueConstraintError') return addAgain(p, cb, err);
            cb(err);
        });
    }, cb);
}

function addAgain(p, cb, err) {
    if (p._again > 3) return cb(err);
    p._again = (p._again || 0) + 1;
    addSale(p, cb);
}

// 'item:2:10.50|item2:1:3' -> lines, null when wrong
function parseDtl(s) {
    if (!s) return null;
    var out = [];
    var parts = ('' + s).split('|');
    for (var i = 0; i < parts.length; i++) {
        var f = parts[i].split(':');
        if (f.length != 3) return null;
        var qty = parseInt(f[1], 10), amt = parseFloat(f[2]);
        if (isNaN(qty) || isNaN(amt)) return null;
        out.push({ itemCd: f[0], qty: qty, unit_amt: amt });
    }
    return out;
}

function cancelSale(p, cb) {
    if (!p.ordNo) { cb(null, { result: '1001', msg: 'PARAM ordNo' }); return; }
    db.Sale.findAll({ where: { ordNo: p.ordNo } })
        .then(async (rows) => {
            if (rows.length == 0) return { result: '0004', msg: 'NO DATA' };
            let cnt = 0;
            for (const r of rows) {
                if (r.STAT === 90) continue;
                r.STAT = 90;
                await r.save();
                cnt++;
            }
            return { result: '0000', msg: 'OK', data: { cnt: cnt } };
        })
        .then((r) => cb(null, r))
        .catch(cb);
}

// grade of a partner, set by the sales team by hand
async function setGrade(p) {
    if (!p.Partner_ID || ['A', 'B', 'C'].indexOf(p.gradeCd) < 0) return { result: '1001', msg: 'PARAM Partner_ID/gradeCd' };
    await db.Partner.upsert({ Partner_ID: p.Partner_ID, gradeCd: p.gradeCd, useYn: 'Y', regDt: date.now14() });
    return { result: '0000', msg: 'OK' };
}

module.exports = { addSale: addSale, cancelSale, setGrade };

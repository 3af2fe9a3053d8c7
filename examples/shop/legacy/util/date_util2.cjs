// date helper (copied from dateUtil, settle needs the ym of a sale)
function pad(n) {
    return n < 10 ? '0' + n : '' + n;
}

exports.now14 = function () {
    var d = new Date();
    return d.getUTCFullYear() + pad(d.getUTCMonth() + 1) + pad(d.getUTCDate()) + pad(d.getUTCHours()) + pad(d.getUTCMinutes()) + pad(d.getUTCSeconds());
};

exports.ymOf = function (dt14) {
    return dt14.substring(0, 6);
};

exports.isDt14 = function (s) {
    return /^[0-9]{14}$/.test(s || '');
};

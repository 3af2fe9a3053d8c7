// date helper
function pad(n) {
    return n < 10 ? '0' + n : '' + n;
}

// now as yyyyMMddHHmmss (UTC since the 2017 move)
exports.now14 = function () {
    var d = new Date();
    return d.getUTCFullYear() + pad(d.getUTCMonth() + 1) + pad(d.getUTCDate()) + pad(d.getUTCHours()) + pad(d.getUTCMinutes()) + pad(d.getUTCSeconds());
};

// '2026-11', '2026.11', '202611' -> '202611', anything else -> ''
exports.toYm = function (s) {
    s = (s || '').replace(/[^0-9]/g, '');
    if (s.length != 6) return '';
    var mm = parseInt(s.substr(4, 2), 10);
    if (mm < 1 || mm > 12) return '';
    return s;
};

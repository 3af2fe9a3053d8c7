var db = require('../db/index.cjs');
var conf = require('../conf/config.cjs');
var calcFee = require('./fee.cjs');
var dateUtil = require('../util/dateUtil.cjs');

// sums of one partner for one month
exports.getSettle = async function (pid, ymIn, detailYn) {
    var ym = dateUtil.toYm(ymIn);
    if (!pid || ym === '') return { result: '1001', msg: 'PARAM pid=' + pid + ' ym=' + ymIn };

    var partner = await db.Partner.findOne({ where: { Partner_ID: pid } });
    if (partner == null) return { result: '0004', msg: 'NO DATA' };

    var sales = await db.Sale.findAll({ where: { Partner_ID: pid, YM: ym }, order: [['saleSeq', 'ASC']] });
    var tot = 0, feeTot = 0, cnt = 0;
    var list = [];
    for (var i = 0; i < sales.length; i++) {
        var s = sales[i];
        if (s.STAT == 90) continue;
        var amt = await getSaleAmt(s.saleSeq);
        var rate = await getRate(s.Partner_ID, s.YM);
        var fee = calcFee(amt, rate.rate, rate.gradeCd, s.YM);
        tot = tot + amt;
        feeTot = feeTot + fee;
        cnt++;
        if (detailYn === 'Y') list.push({ ordNo: s.ordNo, sale_dt: s.sale_dt, amt: amt.toFixed(2), fee: fee, STAT: s.STAT });
    }

    return {
        result: '0000',
        msg: 'OK',
        data: {
            Partner_ID: pid,
            YM: ym,
            gradeCd: partner.gradeCd,
            saleCnt: '' + cnt,
            totAmt: tot.toFixed(2),
            // number here, string above. the report screen depends on it
            feeAmt: Number(feeTot.toFixed(2)),
            netAmt: (tot - feeTot).toFixed(2),
            list: list,
        },
    };
};

// amount of a sale : sum of its lines (totAmt was wrong until 2016, do not use)
async function getSaleAmt(seq) {
    const rows = await db.SaleDtl.findAll({ where: { SALE_SEQ: seq } });
    let sum = 0;
    for (const r of rows) {
        sum += r.qty * parseFloat(r.unit_amt);
    }
    return Math.round(sum * 100) / 100;
}

function getRate(pid, ym) {
    return db.Partner.findOne({ where: { Partner_ID: pid } }).then(function (p) {
        return db.FeeRate.findAll({ where: { gradeCd: p.gradeCd }, order: [['fromYm', 'DESC']] }).then(function (rates) {
            for (var i = 0; i < rates.length; i++) {
                if (rates[i].fromYm <= ym) return { gradeCd: p.gradeCd, rate: parseFloat(rates[i].rate) };
            }
            return { gradeCd: p.gradeCd, rate: conf.DEFAULT_RATE };
        });
    });
}

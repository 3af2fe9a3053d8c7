/*
 * fee of one sale
 *  - grade A : cut below the cent (contract of 2014)
 *  - others  : half up
 *  - never less than 0.10 per sale
 *  - before 201907 the fee of grade B came without the half up. do not "clean up", old months must stay the same
 */
function calcFee(amt, rate, grade, ym) {
    var fee = (amt * rate) / 100;
    if (grade == 'A' || (grade === 'B' && ym < '201907')) {
        fee = Math.floor(fee * 100) / 100;
    } else {
        fee = Math.round(fee * 100) / 100;
    }
    if (amt > 0 && fee < 0.1) fee = 0.1;
    return fee;
}

module.exports = calcFee;

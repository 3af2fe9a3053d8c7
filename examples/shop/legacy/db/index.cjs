'use strict';
var Sequelize = require('sequelize');
var conf = require('../conf/config.cjs');

var sequelize = new Sequelize(conf.dbUrl, {
    dialect: 'postgres',
    pool: conf.pool,
    logging: conf.debugSql ? console.log : false,
});

var db = { sequelize: sequelize, Sequelize: Sequelize };

db.Partner = require('./partner.cjs')(sequelize, Sequelize.DataTypes);
db.Sale = require('./sale.cjs')(sequelize, Sequelize.DataTypes);
db.SaleDtl = require('./saleDtl.cjs')(sequelize, Sequelize.DataTypes);
db.FeeRate = require('./fee_rate.cjs')(sequelize, Sequelize.DataTypes);

// no associations: they made the queries slow (2015), see settleSvc
db.init = function () {
    return trySync(5).then(function () {
        return db.FeeRate.count().then(function (n) {
            if (n > 0) return;
            return db.FeeRate.bulkCreate(
                [
                    { gradeCd: 'A', fromYm: '201301', rate: 7 },
                    { gradeCd: 'B', fromYm: '201301', rate: 9 },
                    { gradeCd: 'B', fromYm: '201907', rate: 9.5 },
                    { gradeCd: 'C', fromYm: '201301', rate: 12 },
                ],
                { ignoreDuplicates: true }
            );
        });
    });
};

// two servers starting together both try to create the tables, one gets an error
function trySync(left) {
    return sequelize.sync().catch(function (err) {
        if (left <= 1) throw err;
        return new Promise(function (r) {
            setTimeout(r, 200 + Math.random() * 300);
        }).then(function () {
            return trySync(left - 1);
        });
    });
}

module.exports = db;

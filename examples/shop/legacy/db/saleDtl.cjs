module.exports = function (sequelize, DataTypes) {
    return sequelize.define(
        'TB_SALE_DTL',
        {
            dtlSeq: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
            SALE_SEQ: DataTypes.INTEGER,
            itemCd: DataTypes.STRING(64),
            qty: DataTypes.INTEGER,
            unit_amt: DataTypes.DECIMAL(14, 2),
        },
        { timestamps: false, freezeTableName: true, indexes: [{ name: 'IX_DTL_01', fields: ['SALE_SEQ'] }] }
    );
};

module.exports = (sequelize, DataTypes) => {
    const Sale = sequelize.define('TB_SALE', {
        saleSeq: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
        ordNo: { type: DataTypes.STRING(64), allowNull: false },
        Partner_ID: { type: DataTypes.STRING(64), allowNull: false },
        sale_dt: DataTypes.STRING(14),
        YM: DataTypes.CHAR(6),
        totAmt: DataTypes.DECIMAL(14, 2),
        // 10 registered, 20 confirmed by batch, 90 cancelled
        STAT: { type: DataTypes.INTEGER, defaultValue: 10 },
    }, {
        freezeTableName: true,
        createdAt: 'reg_dtm',
        updatedAt: 'modDtm',
        indexes: [
            { name: 'UX_SALE_01', unique: true, fields: ['ordNo', 'Partner_ID'] },
            { name: 'IX_SALE_02', fields: ['Partner_ID', 'YM'] },
        ],
    });
    return Sale;
};

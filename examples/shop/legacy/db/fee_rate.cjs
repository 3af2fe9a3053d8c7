module.exports = function (sequelize, DataTypes) {
    return sequelize.define(
        'TB_FEE_RATE',
        {
            gradeCd: { type: DataTypes.CHAR(1), primaryKey: true },
            fromYm: { type: DataTypes.CHAR(6), primaryKey: true },
            rate: DataTypes.DECIMAL(5, 2),
        },
        { timestamps: false, freezeTableName: true }
    );
};

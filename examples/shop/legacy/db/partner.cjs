module.exports = function (sequelize, DataTypes) {
    return sequelize.define(
        'TB_PARTNER',
        {
            Partner_ID: { type: DataTypes.STRING(64), primaryKey: true },
            gradeCd: { type: DataTypes.CHAR(1), defaultValue: 'C' },
            useYn: { type: DataTypes.CHAR(1), defaultValue: 'Y' },
            regDt: DataTypes.STRING(14),
        },
        { timestamps: false, freezeTableName: true }
    );
};

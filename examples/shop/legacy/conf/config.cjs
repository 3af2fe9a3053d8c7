// config : env first, old server settings as fallback
var e = process.env;

module.exports = {
    port: e.PORT !== undefined ? parseInt(e.PORT, 10) : parseInt(e.SETTLE_PORT || '8090', 10),
    host: e.HOST || e.BIND_ADDR || '127.0.0.1',
    dbUrl: e.LEGACY_DATABASE_URL || e.SETTLE_DB || 'postgres://settle@localhost:5432/legacy_settlement',
    pool: { max: parseInt(e.DB_POOL || 5), min: 0, idle: 10000 },
    debugSql: e.DEBUG_SQL == 'Y' || e.DEBUG_SQL == '1',
    // default fee % when no rate row is found (2013 contract)
    DEFAULT_RATE: 12,
};

/// The byte that a statement begins with in a plan's bytes. What a byte means never changes: a new statement takes the
/// next one, and the image's version counts up.
enum StatementCode: UInt8 {
    case assign = 1
    case assignOnce, reset, keep
    case makeArray, makeSet, makeObject, makeRecord, gather, add, insert, insertPath, gathered, regather, merge, upsert
    case dot, scan, length
    case equal, notEqual, ordered, truthy, isDefined, isUndefined, isArray, isObject, isSet, isCollection, isTuple
    case hasKeyCount
    case block, not, leave, yield, dispatch, with, outside
    case call, builtin, host, print, emit
    case input, data, document, documentDot, documentScan, documentValue
    case mark, rewind
}

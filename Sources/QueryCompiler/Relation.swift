import QueryLanguage
import SQLText

/// Rows in the making: one `select` over a view or over another select, as flat as its stages allow. The rows are always `q`.
struct Relation {
  private let entity: Entity
  private var from: SQL
  private var conditions: [SQL]
  private var order: [CheckedSortKey] = []
  /// What makes an order total: an id, or what is distinct about a row. In its absence also the order itself.
  private var tieBreakers: [Field]
  /// The rows are the entity's own.
  private var isEntity = true
  private var limit: Int?
  private var skipped = 0

  init(entity: Entity, condition: SQL) {
    self.entity = entity
    self.from = Self.view(of: entity)
    self.conditions = [condition]
    self.tieBreakers = [.id]
  }

  /// Rows that are not the entity's own: counts of them.
  init(entity: Entity, rows select: SQL, tieBreakers: [Field]) {
    self.init(entity: entity, condition: "true")
    replace(with: select, tieBreakers: tieBreakers)
  }

  private static func view(of entity: Entity) -> SQL {
    entity.name == Entity.history.name ? "(\(history)) as q" : "\(identifier: "query_\(entity.name)") as q"
  }

  /// The history lives in a file of each user's own. A session that asks for it has put it into a setting before, since
  /// that can be done where nothing else can be written.
  private static let history: SQL = """
    select id, null::bigint as project_id, to_timestamp(at) as at, statement, project, run, took, result, action, here \
    from jsonb_to_recordset(coalesce(nullif(current_setting('callsheet.history', true), ''), '[]')::jsonb) as r \
    (id bigint, at double precision, statement text, project text, run text, took double precision, result text, \
    action bigint, here boolean)
    """

  // MARK: Stages

  mutating func filter(_ condition: SQL) {
    if isCut { nest() }
    conditions.append(condition)
  }

  /// The new keys come first; the old order decides between equals.
  mutating func sort(_ keys: [CheckedSortKey]) {
    if isCut { nest() }
    order = keys + order.filter { old in !keys.contains { $0.field == old.field } }
  }

  mutating func take(_ number: Int) { limit = min(number, limit ?? number) }

  mutating func offset(_ number: Int) {
    skipped += number
    limit = limit.map { max(0, $0 - number) }
  }

  mutating func takeLast(_ number: Int) {
    if isCut { nest() }
    let forwards = order
    order = fullOrder.map { CheckedSortKey(field: $0.field, descending: !$0.descending) }
    limit = number
    let backwards = select(["q.*"], nullsLast: false)
    from = "(\(backwards)) as q"
    (conditions, order, limit, skipped) = ([], forwards, nil, 0)
  }

  mutating func sample(_ number: Int, seed: Int64) {
    if isCut { nest() }
    let rows: SQL = "select q.* from \(from)\(whereClause)"
    let lot: SQL = isEntity ? "hashint8extended(q.id, \(seed))" : "hashtextextended(q::text, \(seed))"
    from = "(\(rows) order by \(lot) limit \(number)) as q"
    conditions = []
  }

  mutating func distinct(_ fields: [Field]) {
    if isCut { nest() }
    let columns = SQL.joined(fields.flatMap(\.columns), separator: ", ")
    replace(with: "select distinct \(columns) from \(from)\(whereClause)", tieBreakers: fields)
  }

  mutating func count() {
    if isCut { nest() }
    replace(with: "select count(*) as count from \(from)\(whereClause)", tieBreakers: [])
  }

  /// Of how many rows a condition does not hold, and how many there are.
  mutating func tally(_ condition: SQL) -> SQL {
    if isCut { nest() }
    return "select count(*) filter (where (\(condition)) is not true), count(*) from \(from)\(whereClause)"
  }

  mutating func group(_ aggregates: [CheckedAggregate], by keys: [Field]) {
    if isCut { nest() }
    let keyColumns = keys.flatMap(\.columns)
    let columns = SQL.joined(keyColumns + aggregates.map(\.sql), separator: ", ")
    let grouping = SQL.joined(keyColumns, separator: ", ")
    replace(with: "select \(columns) from \(from)\(whereClause) group by \(grouping)", tieBreakers: keys)
  }

  mutating func unite(with others: SQL) {
    let both: SQL = "(\(ids)) union all (\(others))"
    from = Self.view(of: entity)
    (conditions, limit, skipped) = ([Self.isAmong(both)], nil, 0)
  }

  /// Both are joins to the planner: a list of any length is gone through once.
  static func isAmong(_ ids: SQL) -> SQL { "\(Field.id.column) in (\(ids))" }

  static func isNotAmong(_ ids: SQL) -> SQL {
    "not exists (select from (\(ids)) as o where o.id = \(Field.id.column))"
  }

  // MARK: SQL

  /// The ids as a set.
  var ids: SQL { unordered([Field.id.column]) }

  /// The rows as a set: in order only where the order decides which they are.
  func unordered(_ columns: [SQL]) -> SQL {
    var unordered = self
    if !isCut { (unordered.order, unordered.tieBreakers) = ([], []) }
    return unordered.select(columns)
  }

  func select(_ columns: [SQL]) -> SQL { select(columns, nullsLast: true) }

  private func select(_ columns: [SQL], nullsLast: Bool) -> SQL {
    var sql: SQL = "select \(SQL.joined(columns, separator: ", ")) from \(from)\(whereClause)"
    let keys = fullOrder.map { $0.sql(nullsLast: nullsLast) }
    if !keys.isEmpty { sql += " order by \(SQL.joined(keys, separator: ", "))" }
    if let limit { sql += " limit \(limit)" }
    if skipped > 0 { sql += " offset \(skipped)" }
    return sql
  }

  /// A stage that comes after the rows were cut cannot go into the same select.
  private var isCut: Bool { limit != nil || skipped > 0 }

  private mutating func nest() {
    from = "(\(select(["q.*"]))) as q"
    (conditions, limit, skipped) = ([], nil, 0)
  }

  private mutating func replace(with select: SQL, tieBreakers: [Field]) {
    from = "(\(select)) as q"
    (conditions, order, limit, skipped) = ([], [], nil, 0)
    self.tieBreakers = tieBreakers
    isEntity = false
  }

  private var whereClause: SQL {
    conditions.isEmpty ? "" : " where \(SQL.joined(conditions, separator: " and "))"
  }

  private var fullOrder: [CheckedSortKey] {
    order
      + tieBreakers.filter { field in !order.contains { $0.field.name == field.name } }
      .map { CheckedSortKey(field: $0, descending: false) }
  }
}

extension CheckedSortKey {
  /// Rows without a value come last either way; `nullsLast` is false to go through the whole order backwards.
  fileprivate func sql(nullsLast: Bool) -> SQL {
    let nulls: SQL = nullsLast == descending ? (nullsLast ? " nulls last" : " nulls first") : ""
    return descending ? "\(field.column) desc\(nulls)" : "\(field.column)\(nulls)"
  }
}

extension CheckedAggregate {
  fileprivate var sql: SQL {
    guard let column = field?.column else { return "count(*) as count" }
    let call: SQL =
      switch function {
      case .count: "count(\(column))"
      case .sum: "sum(\(column))"
      case .avg: "avg(\(column))"
      case .min: "min(\(column))"
      case .max: "max(\(column))"
      }
    return switch result.type {
    case .int: "\(call)::bigint as \(identifier: result.name)"
    case .double, .duration: "\(call)::double precision as \(identifier: result.name)"
    case .bool, .text, .word, .time, .list, .reference: "\(call) as \(identifier: result.name)"
    }
  }
}

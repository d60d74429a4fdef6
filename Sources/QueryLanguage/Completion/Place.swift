/// What the grammar expects at a place.
enum Place: Equatable {
  /// The beginning of a statement; `inner`: of the pipeline behind `plan` and `explain`.
  case statement(inner: Bool)
  /// The rows behind `select`, `union` and the like.
  case source
  /// Behind an entity: a condition or a stage.
  case afterSource
  case condition(Rows)
  case comparison(Field)
  /// A value of a field; `isListed`: in the brackets of `in`.
  case value(Field, of: Rows, isListed: Bool)
  /// Behind a whole condition.
  case afterCondition
  case nullness
  case moment
  case stage(Rows)
  case field(Rows)
  case aggregate
  case axis
  case option(ActionSpecification)
  case optionValue(ActionSpecification.OptionKind)
  case reference(ReferenceKind)
  /// Whose budget it is, or what it is to be.
  case budget
  case macroName
  case macroArgument(String)
  case path
  case setting
  case settingValue(String)
  case helpWord
  case planName
  case scriptName
  case tag
  /// One of these words.
  case words([String])
  case nothing
}

/// The rows at a stage of a pipeline, as far as they can be told from what is typed.
struct Rows: Equatable {
  var entity: Entity?
  var fields: [Field]
  /// They are the entity's own.
  var isEntity = true

  static let unknown = Rows(entity: nil, fields: [], isEntity: true)

  init(entity: Entity?, fields: [Field], isEntity: Bool) {
    self.entity = entity
    self.fields = fields
    self.isEntity = isEntity
  }

  init(_ entity: Entity?) { self.init(entity: entity, fields: entity?.fields ?? [], isEntity: true) }

  func field(_ name: String) -> Field? {
    let name = name.lowercased()
    return fields.first { $0.name == name }
  }
}

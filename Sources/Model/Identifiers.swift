/// A database id that cannot be mistaken for another entity's id. The raw value is the row's BIGSERIAL.
public struct Identifier<Entity>: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  public let rawValue: Int64

  public init(_ rawValue: Int64) { self.rawValue = rawValue }

  public var description: String { String(rawValue) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

public enum ProjectEntity {}
public enum RunEntity {}
public enum CellEntity {}
public enum TakeEntity {}
public enum CharacterEntity {}
public enum VariantEntity {}
public enum JobEntity {}
public enum WorkerEntity {}
public enum ActionEntity {}
public enum DeliveryEntity {}
public enum UserEntity {}

public typealias ProjectID = Identifier<ProjectEntity>
public typealias RunID = Identifier<RunEntity>
public typealias CellID = Identifier<CellEntity>
public typealias TakeID = Identifier<TakeEntity>
public typealias CharacterID = Identifier<CharacterEntity>
public typealias VariantID = Identifier<VariantEntity>
public typealias JobID = Identifier<JobEntity>
public typealias WorkerID = Identifier<WorkerEntity>
public typealias ActionID = Identifier<ActionEntity>
public typealias DeliveryID = Identifier<DeliveryEntity>
public typealias UserID = Identifier<UserEntity>

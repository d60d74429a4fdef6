extension CheckedPipeline {
  /// How many rows there are: one row, with the field `count`.
  public var counted: CheckedPipeline {
    var counted = self
    counted.stages.append(.count)
    counted.shape = Shape(isEntity: false, fields: [CheckingPass.countField], shown: [CheckingPass.countField])
    return counted
  }
}

extension ActionReport {
  /// Something that is true beside the counts of a report.
  public enum Remark: Equatable, Sendable {
    /// Cells of another run had this take, too.
    case loseTake(run: String, was: CellStatus, cells: Int)
    /// Work of held cells that is in hand already.
    case goOn(CellStatus, cells: Int)

    /// `2 cells of run iso lose their approved takes`
    public var sentence: String {
      switch self {
      case .loseTake(let run, let was, let cells):
        let take = cells == 1 ? "take" : "takes"
        let kind = was == .qaReview ? "\(take) in review" : "\(was.rawValue) \(take)"
        return cells == 1 ? "1 cell of run \(run) loses its \(kind)" : "\(cells) cells of run \(run) lose their \(kind)"
      case .goOn(let status, let cells): return "\(cells) \(status.rawValue) \(cells == 1 ? "goes" : "go") on"
      }
    }
  }
}

/// Did-you-mean: which known word a mistyped one was meant to be.
public enum Spelling {
  /// The candidates that are near enough to be worth saying and equally near, at most `limit`, by name.
  ///
  /// Near is at most one edit for words up to four letters, two up to eight, three above; a change of two neighbours is one
  /// edit. After those come the candidates that begin like the word, from three letters on, or have it as a part between
  /// underscores. Case is ignored.
  public static func nearest(to word: String, among candidates: some Sequence<String>, limit: Int = 3) -> [String] {
    let typed = Array(word.lowercased().prefix(64))
    guard !typed.isEmpty else { return [] }
    let allowed = typed.count <= 4 ? 1 : typed.count <= 8 ? 2 : 3
    let near = candidates.compactMap { candidate -> (distance: Int, candidate: String)? in
      let known = Array(candidate.lowercased().prefix(64))
      let distance = distance(typed, known)
      if distance <= allowed, distance < known.count { return (distance, candidate) }
      let shorter = min(typed.count, known.count)
      let isPart = known.split(separator: "_").contains(typed[...])
      let beginsAlike = shorter >= 3 && typed.prefix(shorter) == known.prefix(shorter)
      return isPart || beginsAlike ? (allowed + 1, candidate) : nil
    }
    let best = near.map(\.distance).min()
    return Set(near.filter { $0.distance == best }.map(\.candidate)).sorted().prefix(limit).map { $0 }
  }

  /// `did you mean status?`, or nil when nothing is near. The prefix, such as `@`, is put before each.
  public static func suggestion(
    for word: String, among candidates: some Sequence<String>, prefix: String = ""
  ) -> String? {
    let near = nearest(to: word, among: candidates).map { prefix + $0 }
    return near.isEmpty ? nil : "did you mean \(list(near, conjunction: "or"))?"
  }

  /// `a, b or c`.
  public static func list(_ words: [String], conjunction: String) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }

  /// Edits between two words: insert, delete, replace, swap neighbours.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var best = min(last[column + 1], current[column]) + 1
        best = min(best, last[column] + (letter == other ? 0 : 1))
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}

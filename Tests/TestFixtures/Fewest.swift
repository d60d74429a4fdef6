/// Of the steps that make a test fail, as few as still do: pieces are left out, ever smaller ones, as long as it `fails`.
public func fewest<Step>(_ steps: [Step], fails: ([Step]) async throws -> Bool) async rethrows -> [Step] {
  var left = steps
  var count = left.count / 2
  while count > 0 {
    var start = 0
    while start < left.count {
      var fewer = left
      fewer.removeSubrange(start..<min(start + count, fewer.count))
      if try await fails(fewer) { left = fewer } else { start += count }
    }
    count /= 2
  }
  return left
}

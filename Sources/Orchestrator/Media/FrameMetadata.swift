/// What ffmpeg's `metadata=mode=print` says about one frame: its time and the numbers of the filters before it.
struct FrameMetadata: Equatable, Sendable {
  /// In seconds from the start.
  var time: Double
  /// By the key without its leading `lavfi.`.
  var values: [String: Double]

  /// The frames of a whole print, in order.
  static func frames(_ output: [UInt8]) -> [FrameMetadata] {
    var frames: [FrameMetadata] = []
    for line in output.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("frame:") {
        let time = text.split(separator: "pts_time:").last.flatMap { Double($0.filter { $0 != " " }) }
        frames.append(FrameMetadata(time: time ?? 0, values: [:]))
      } else if let equals = text.firstIndex(of: "="), text.hasPrefix("lavfi."), !frames.isEmpty,
        let number = Double(text[text.index(after: equals)...])
      {
        frames[frames.count - 1].values[String(text[..<equals].dropFirst(6))] = number
      }
    }
    return frames
  }
}

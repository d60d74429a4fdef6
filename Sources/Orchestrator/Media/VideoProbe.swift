import Foundation

/// What ffprobe tells about a video file without decoding it.
struct VideoProbe: Equatable, Sendable {
  var codec: String
  var width: Int
  var height: Int
  var fps: Double
  var seconds: Double
  /// Packets of the picture, which are its frames; counted, not taken from the header.
  var frames: Int
  /// Everything that must be equal for files to be joined without encoding them again, one entry per stream.
  var joinParameters: [String]

  /// nil: the file is no video that can be read.
  static func read(_ path: String, timeLimit: Duration = .seconds(60)) async throws(MediaToolError) -> VideoProbe? {
    let entries = """
      stream=codec_type,codec_name,profile,level,width,height,sample_aspect_ratio,pix_fmt,color_space,sample_rate,\
      channels,r_frame_rate,time_base,duration,nb_read_packets,extradata_hash:format=duration
      """
    let tool = MediaTool.ffprobe(
      MediaTool.localOnly + [
        "-count_packets", "-show_data_hash", "sha256", "-show_entries", entries, "-i", MediaTool.input(path),
      ], timeLimit: timeLimit)
    let answer = try await tool.run()
    guard answer.succeeded, let raw = try? JSONDecoder().decode(Raw.self, from: Data(answer.output)) else { return nil }
    return raw.probe
  }
}

private struct Raw: Decodable {
  struct Stream: Decodable {
    var codec_type: String?
    var codec_name: String?
    var profile: String?
    var level: Int?
    var width: Int?
    var height: Int?
    var sample_aspect_ratio: String?
    var pix_fmt: String?
    var color_space: String?
    var sample_rate: String?
    var channels: Int?
    var r_frame_rate: String?
    var time_base: String?
    var duration: String?
    var nb_read_packets: String?
    var extradata_hash: String?

    var joinParameters: String {
      let facts: [(String, String?)] = [
        ("", codec_type), ("", codec_name), ("profile ", profile), ("level ", level.map(String.init)),
        ("", width.flatMap { width in height.map { "\(width) x \($0)" } }), ("pixels ", sample_aspect_ratio),
        ("", pix_fmt), ("colour ", color_space), ("sample rate ", sample_rate),
        ("channels ", channels.map(String.init)), ("frame rate ", r_frame_rate), ("time base ", time_base),
        ("setup ", extradata_hash?.suffix(8).description),
      ]
      return facts.compactMap { label, value in value.map { label + $0 } }.joined(separator: ", ")
    }
  }

  struct Format: Decodable {
    var duration: String?
  }

  var streams: [Stream]
  var format: Format?

  var probe: VideoProbe? {
    guard let video = streams.first(where: { $0.codec_type == "video" }), let codec = video.codec_name,
      let width = video.width, let height = video.height, width > 0, height > 0,
      let seconds = (video.duration ?? format?.duration).flatMap(Double.init), seconds.isFinite,
      let frames = video.nb_read_packets.flatMap({ Int($0) })
    else { return nil }
    return VideoProbe(
      codec: codec, width: width, height: height, fps: rate(video.r_frame_rate), seconds: seconds, frames: frames,
      joinParameters: streams.map(\.joinParameters))
  }

  /// `24000/1001` as a number; 0 when it is none.
  private func rate(_ text: String?) -> Double {
    let parts = (text ?? "").split(separator: "/").compactMap { Double($0) }
    guard parts.count == 2, parts[1] != 0 else { return 0 }
    return parts[0] / parts[1]
  }
}

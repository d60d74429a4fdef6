/// What pictures have to be. The defaults are those of a source image.
public struct PictureRules: Equatable, Codable, Sendable {
  /// In pixels.
  public var minWidth: Int
  public var minHeight: Int
  /// The longest side that is decoded at all.
  public var maxSide: Int
  /// Width divided by height.
  public var minAspect: Double
  public var maxAspect: Double
  /// The spread from the darkest to the brightest of 64 x 64 averaged spots, of 255, at or under which a picture is
  /// blank, when its two colour channels have no more.
  public var blankSpread: Double
  /// Width and height that were ordered; then nothing else is asked of the size.
  public var ordered: Size?

  public struct Size: Equatable, Codable, Sendable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  public init(
    minWidth: Int = 512, minHeight: Int = 512, maxSide: Int = 8192, minAspect: Double = 0.5, maxAspect: Double = 2,
    blankSpread: Double = 8, ordered: Size? = nil
  ) {
    self.minWidth = minWidth
    self.minHeight = minHeight
    self.maxSide = maxSide
    self.minAspect = minAspect
    self.maxAspect = maxAspect
    self.blankSpread = blankSpread
    self.ordered = ordered
  }

  /// The rules of a generated picture whose size was ordered.
  public static func exactly(width: Int, height: Int) -> PictureRules {
    PictureRules(maxSide: max(width, height), ordered: Size(width: width, height: height))
  }
}

/// The outcome of checking one picture, as it is kept.
public struct PictureReport: Equatable, Codable, Sendable {
  public var passed: Bool
  /// What is wrong, to stand after "failed QA: ", such as `61 x 61, at least 512 x 512 is needed`. Empty when it passed.
  public var reasons: [String]
  /// `png`, `jpeg` or `webp`, told from the content.
  public var format: String?
  public var width: Int?
  public var height: Int?
  public var bytes: Int64
  /// nil when the file was not decoded.
  public var spread: Spread?

  /// From the least to the greatest of 64 x 64 averaged spots, of 255.
  public struct Spread: Equatable, Codable, Sendable {
    public var luma: Double
    public var blue: Double
    public var red: Double
  }

  /// All reasons as one sentence; empty when it passed.
  public var reason: String { reasons.joined(separator: "; ") }
}

extension PictureRules {
  /// What is wrong with a picture of this size; only one without a fault is worth decoding.
  func faults(width: Int, height: Int) -> [String] {
    if let ordered {
      return ordered == Size(width: width, height: height)
        ? [] : ["\(width) x \(height), but \(ordered.width) x \(ordered.height) was ordered"]
    }
    var faults: [String] = []
    if max(width, height) > maxSide {
      faults.append("\(width) x \(height), at most \(maxSide) on a side is taken")
    } else if width < minWidth || height < minHeight {
      faults.append("\(width) x \(height), at least \(minWidth) x \(minHeight) is needed")
    }
    let aspect = Double(width) / Double(max(height, 1))
    if aspect < minAspect {
      faults.append(
        "\(width) x \(height) is too narrow: at most \(ratio(1 / minAspect)) times as high as wide is taken")
    } else if aspect > maxAspect {
      faults.append("\(width) x \(height) is too wide: at most \(ratio(maxAspect)) times as wide as high is taken")
    }
    return faults
  }

  func isBlank(_ spread: PictureReport.Spread) -> Bool {
    max(spread.luma, spread.blue, spread.red) <= blankSpread
  }
}

private func ratio(_ number: Double) -> String { plainDecimal((number * 100).rounded() / 100) }

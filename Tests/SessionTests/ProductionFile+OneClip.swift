import Model

extension ProductionFile {
  /// A project "neon" of one character, one scene type of one segment, and one look.
  static let oneClip = ProductionFile(
    project: "neon", description: "", folder: "/", users: [.init(name: "mira", role: "producer")],
    generators: [
      .init(name: "look", kind: .variant, command: ["look"], timeLimitSeconds: 9, maxAttempts: 2),
      .init(name: "clip", kind: .segment, command: ["clip"], timeLimitSeconds: 9, maxAttempts: 2),
    ],
    sourceRules: [:], characters: [.init(name: "Aria", source: "a.png", sourcePath: "/a.png")],
    sceneTypes: [
      .init(
        name: "alley", generator: "clip", segments: 1, segmentSeconds: 1, width: 64, height: 64, fps: 12, prompt: "",
        estimatedGPUSeconds: 1, estimatedDiskBytes: 1)
    ],
    variantTypes: [
      .init(
        name: "coat", generator: "look", width: 64, height: 64, prompt: "", estimatedGPUSeconds: 1,
        estimatedDiskBytes: 1)
    ], gpuHours: nil, diskGB: nil)
}

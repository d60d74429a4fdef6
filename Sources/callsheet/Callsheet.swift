@main
struct Callsheet {
  static func main() {}
}

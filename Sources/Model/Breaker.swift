/// Stops a scene type whose takes fail one after the other, before they have used up everybody's budget.
public enum Breaker {
  /// So many takes in a row; one segment that is made counts from the beginning again.
  public static let failuresToTrip = 5
}

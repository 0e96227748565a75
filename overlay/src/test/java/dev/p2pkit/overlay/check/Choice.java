// What a step of a checked world may be, as a number.
package dev.p2pkit.overlay.check;

/** The choices of a checked world: a kind, one or two peers by their places, and an argument. */
final class Choice {
  static final int TIME = 0;
  static final int DELIVER = 1;
  static final int LOSE = 2;
  static final int DOUBLE = 3;
  static final int DELAY = 4;
  static final int CRASH = 5;
  static final int SILENCE = 6;
  static final int PAUSE = 7;
  static final int JOIN = 8;
  static final int LEAVE = 9;
  static final int RESTART = 10;
  static final int DOUBT = 11;
  static final int CUT = 12;
  static final int CLOSE_PATH = 13;
  static final int OVERTAKE = 14;

  private Choice() {}

  static int of(int kind, int one, int other, int argument) {
    return kind | one << 4 | other << 8 | argument << 12;
  }

  static int of(int kind, int one, int other) {
    return of(kind, one, other, 0);
  }

  static int of(int kind, int one) {
    return of(kind, one, 0, 0);
  }

  static int kind(int choice) {
    return choice & 15;
  }

  static int one(int choice) {
    return choice >> 4 & 15;
  }

  static int other(int choice) {
    return choice >> 8 & 15;
  }

  static int argument(int choice) {
    return choice >> 12;
  }

  /**
   * In words.
   *
   * @param rules by which the argument is meant
   * @param names of the two peers
   * @param message the first on the link from the one to the other
   * @param later to when time would go on
   */
  static String describe(int choice, Rules rules, String[] names, String message, long later) {
    String one = names[one(choice)];
    String other = names[Math.min(other(choice), names.length - 1)];
    return switch (kind(choice)) {
      case TIME -> "time passes to " + Times.seconds(later);
      case DELIVER -> one + " -> " + other + "  " + message;
      case LOSE -> one + " -x " + other + "  lost: " + message;
      case DOUBLE -> one + " => " + other + "  comes twice: " + message;
      case OVERTAKE -> one + " >> " + other + "  behind its follower: " + message;
      case DELAY ->
          one
              + " .. "
              + other
              + "  held up for "
              + rules.delays().get(argument(choice)) / 1e6
              + " s: "
              + message;
      case CRASH -> one + " ends, its host lives";
      case SILENCE -> one + " ends with its host, without a word";
      case PAUSE -> one + " stops for " + rules.pauses().get(argument(choice)) / 1e6 + " s";
      case JOIN -> one + " joins";
      case LEAVE -> one + " leaves";
      case RESTART -> one + " starts again and joins";
      case DOUBT -> one + " takes " + other + " for dead";
      case CUT -> "the ring is cut before " + one;
      case CLOSE_PATH -> one + " and " + other + " do not reach each other any more";
      default -> throw new IllegalArgumentException("no such choice: " + choice);
    };
  }
}

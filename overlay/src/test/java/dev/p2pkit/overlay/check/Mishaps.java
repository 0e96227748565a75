// What may still go wrong in a checked world.
package dev.p2pkit.overlay.check;

/** How many of each misfortune may still happen. */
final class Mishaps {
  int crashes;
  int silences;
  int leaves;
  int restarts;
  int losses;
  int doubles;
  int overtakes;
  int delays;
  int pauses;
  int doubts;
  int cuts;
  int paths;

  /** From now on whatever these rules allow. */
  void allow(Rules rules) {
    crashes = rules.crashes();
    silences = rules.silences();
    leaves = rules.leaves();
    restarts = rules.restarts();
    losses = rules.losses();
    doubles = rules.doubles();
    overtakes = rules.overtakes();
    delays = rules.delayed();
    pauses = rules.paused();
    doubts = rules.doubts();
    cuts = rules.cuts();
    paths = rules.paths();
  }

  void addTo(StateDigest digest) {
    digest.add(
        crashes
            | (long) silences << 5
            | (long) leaves << 10
            | (long) restarts << 15
            | (long) losses << 20
            | (long) doubles << 25
            | (long) overtakes << 30
            | (long) delays << 35
            | (long) pauses << 40
            | (long) doubts << 45
            | (long) cuts << 50
            | (long) paths << 55);
  }
}

// What may go wrong in a checked world, and how much of it.
package dev.p2pkit.overlay.check;

import dev.p2pkit.overlay.ring.RingConfig;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What may happen in a checked world: how many of each misfortune. Each method returns changed
 * rules and leaves these as they are.
 */
final class Rules {
  /** The numbers of the ring. */
  final RingConfig config;

  /** How many peers are the ring from which the search starts; the first ones. */
  final int founders;

  /** How many further peers may join at any moment. */
  final int newcomers;

  /** Where the peers stand, in sixteenths of the ring. */
  private List<Integer> places;

  /** By how many thousandths each peer's clock runs fast. */
  private List<Integer> rates;

  private int crashes;
  private int silences;
  private int leaves;
  private int restarts;
  private int losses;
  private int doubles;
  private int overtakes;
  private List<Long> delays = List.of();
  private int delayed;
  private List<Long> pauses = List.of();
  private int paused;
  private int doubts;
  private int cuts;
  private int paths;
  private long slowest = Long.MAX_VALUE;
  private List<Integer> late = List.of();
  private boolean anyOrder = true;
  private boolean quiet;

  private Rules(RingConfig config, int founders, int newcomers) {
    this.config = config;
    this.founders = founders;
    this.newcomers = newcomers;
    int count = founders + newcomers;
    places = IntStream.range(0, count).mapToObj(i -> (i * 16 + 3) / count).toList();
    rates = IntStream.range(0, count).mapToObj(i -> 0).toList();
  }

  static Rules of(RingConfig config, int founders, int newcomers) {
    return new Rules(config, founders, newcomers);
  }

  private Rules with(Consumer<Rules> change) {
    Rules copy = new Rules(config, founders, newcomers);
    copy.places = places;
    copy.rates = rates;
    copy.crashes = crashes;
    copy.silences = silences;
    copy.leaves = leaves;
    copy.restarts = restarts;
    copy.losses = losses;
    copy.doubles = doubles;
    copy.overtakes = overtakes;
    copy.delays = delays;
    copy.delayed = delayed;
    copy.pauses = pauses;
    copy.paused = paused;
    copy.doubts = doubts;
    copy.cuts = cuts;
    copy.paths = paths;
    copy.slowest = slowest;
    copy.late = late;
    copy.anyOrder = anyOrder;
    copy.quiet = quiet;
    change.accept(copy);
    return copy;
  }

  int peers() {
    return founders + newcomers;
  }

  int place(int peer) {
    return places.get(peer);
  }

  int rate(int peer) {
    return rates.get(peer);
  }

  int crashes() {
    return crashes;
  }

  int silences() {
    return silences;
  }

  int leaves() {
    return leaves;
  }

  int restarts() {
    return restarts;
  }

  int losses() {
    return losses;
  }

  int doubles() {
    return doubles;
  }

  int overtakes() {
    return overtakes;
  }

  List<Long> delays() {
    return delays;
  }

  int delayed() {
    return delayed;
  }

  List<Long> pauses() {
    return pauses;
  }

  int paused() {
    return paused;
  }

  int doubts() {
    return doubts;
  }

  int cuts() {
    return cuts;
  }

  int paths() {
    return paths;
  }

  long slowest() {
    return slowest;
  }

  /** Whether a peer belongs to the ring from which the search starts. */
  boolean founds(int peer) {
    return !late.contains(peer);
  }

  boolean anyOrder() {
    return anyOrder;
  }

  boolean quiet() {
    return quiet;
  }

  /** Peers stand there, in sixteenths of the ring, founders first. */
  Rules at(Integer... sixteenths) {
    return with(copy -> copy.places = List.of(sixteenths));
  }

  /** Their clocks run so many thousandths fast. */
  Rules clocks(Integer... thousandths) {
    return with(copy -> copy.rates = List.of(thousandths));
  }

  /** Processes end, on hosts that say so. */
  Rules crash(int times) {
    return with(copy -> copy.crashes = times);
  }

  /** Hosts end without a word. */
  Rules silence(int times) {
    return with(copy -> copy.silences = times);
  }

  /** Peers leave in an orderly way. */
  Rules leave(int times) {
    return with(copy -> copy.leaves = times);
  }

  /** Ended processes start again. */
  Rules restart(int times) {
    return with(copy -> copy.restarts = times);
  }

  /** Messages vanish. */
  Rules lose(int times) {
    return with(copy -> copy.losses = times);
  }

  /** Messages come twice. */
  Rules doubling(int times) {
    return with(copy -> copy.doubles = times);
  }

  /** Messages overtake the one before them on their link, as no real link lets them. */
  Rules overtake(int times) {
    return with(copy -> copy.overtakes = times);
  }

  /** A message, and what follows it on its link, is held up for one of these times. */
  Rules delay(int times, Long... lengths) {
    return with(
        copy -> {
          copy.delayed = times;
          copy.delays = List.of(lengths);
        });
  }

  /** A process stops for one of these times. */
  Rules pause(int times, Long... lengths) {
    return with(
        copy -> {
          copy.paused = times;
          copy.pauses = List.of(lengths);
        });
  }

  /** A peer takes another for dead without reason. */
  Rules doubt(int times) {
    return with(copy -> copy.doubts = times);
  }

  /** The ring is cut in two, for good. */
  Rules cut(int times) {
    return with(copy -> copy.cuts = times);
  }

  /** Two peers do not reach each other any more, although others reach both. */
  Rules closePath(int times) {
    return with(copy -> copy.paths = times);
  }

  /** No message to a process that runs takes longer than this. */
  Rules slowest(long micros) {
    return with(copy -> copy.slowest = micros);
  }

  /** Where the peers are numbered in the order of their places: these are the newcomers. */
  Rules late(Integer... peers) {
    return with(copy -> copy.late = List.of(peers));
  }

  /** Messages are delivered in the order in which they were sent, before time goes on. */
  Rules inOrder() {
    return with(copy -> copy.anyOrder = false);
  }

  /** News of members and comparisons of tables are lost: the bare rules of the ring must do. */
  Rules quietly() {
    return with(copy -> copy.quiet = true);
  }
}

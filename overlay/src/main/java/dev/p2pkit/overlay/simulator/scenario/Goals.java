// The list of what the overlay is meant to reach.
package dev.p2pkit.overlay.simulator.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the overlay is meant to reach, each with the scenario that shows it. */
public final class Goals {
  private static final String QUICK = "broadcasts=0 settle=no";

  private final List<Goal> all = new ArrayList<>();

  private Goals() {
    hops();
    sends();
    liars();
    deaths();
    masses();
    upkeep();
    joins();
    broadcasts();
    simulator();
  }

  /** All goals. */
  public static List<Goal> all() {
    return List.copyOf(new Goals().all);
  }

  private void add(
      String topic,
      String goal,
      boolean big,
      String base,
      String settings,
      Function<Report, Measured> judge) {
    add(topic, goal, big, base, settings, judge, Repeats.ONCE);
  }

  private void add(
      String topic,
      String goal,
      boolean big,
      String base,
      String settings,
      Function<Report, Measured> judge,
      Repeats repeats) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String each : settings.strip().split("\\s+", -1)) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        map.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    all.add(new Goal(topic, goal, big, base, map, judge, repeats));
  }

  private void hops() {
    String sends = "sends-per-second=200 senders=20 " + QUICK;
    String load = "loss=1% seconds=40 " + sends;
    for (int peers : new int[] {100, 1_000, 10_000}) {
      String sizes = peers > 1_000 ? " sizes=16" : "";
      // Some thirty peers die at least; with fewer deaths a warm ring is all that is measured.
      int seconds = Math.max(40, 120_000 / peers);
      add(
          "hops, links warm, " + number(peers) + " peers, sessions of 60 min",
          "mean 1.005, p99 1",
          false,
          "",
          "peers=" + peers + " session=60m loss=1% seconds=" + seconds + " " + sends + sizes,
          report -> Measured.hops(report, 1.005, 1));
    }
    add(
        "hops, 1,000 peers, sessions of 1.4 min",
        "mean 1.06, p99 2",
        false,
        "",
        "peers=1000 session=84s " + load,
        report -> Measured.hops(report, 1.06, 2));
    add(
        "hops, 100 peers, sessions of 5 min",
        "mean 1.03, p99 2",
        false,
        "",
        "peers=100 session=5m loss=1% seconds=120 " + sends,
        report -> Measured.hops(report, 1.03, 2));
    add(
        "hops, 1,000 peers, sessions of 5 min",
        "mean 1.04, p99 2",
        false,
        "",
        "peers=1000 session=5m " + load,
        report -> Measured.hops(report, 1.04, 2));
    add(
        "hops, 100,000 peers, sessions of 60 min",
        "mean 1.01, p99 1",
        true,
        "",
        "peers=100000 session=60m level=1 sizes=64 seconds=5 loss=1% sends-per-second=500"
            + " senders=20 deadline=2s "
            + QUICK,
        report -> Measured.hops(report, 1.01, 1));
    add(
        "hops, 1,000,000 peers, level 2",
        "mean 2.05, p99 3",
        true,
        "",
        "peers=1000000 level=2 sizes=64 seconds=5 sends-per-second=500 senders=100 deadline=4s "
            + QUICK,
        report -> Measured.hopsByTable(report, 2.05, 3));
    add(
        "hops, 1,000,000 peers, level 3",
        "mean 2.95, p99 3",
        true,
        "",
        "peers=1000000 level=3 sizes=64 seconds=5 sends-per-second=500 senders=100 deadline=4s "
            + QUICK,
        report -> Measured.hopsByTable(report, 2.95, 3));
  }

  private void liars() {
    add(
        "sends to the nearest owner, 1,000 peers of which a fifth drops and lies",
        "99 % at the right owner",
        true,
        "",
        "peers=1000 colluding=20% check=nearest seconds=20 sends-per-second=100 " + QUICK,
        report -> Measured.rightOwners(report, 0.99));
    add(
        "sends without a check, 1,000 peers of which a fifth drops and lies",
        "99 % at the right owner",
        true,
        "",
        "peers=1000 colluding=20% check=none seconds=20 sends-per-second=100 " + QUICK,
        report -> Measured.rightOwners(report, 0.99));
  }

  private void sends() {
    add(
        "sends, 1 % loss, sessions of 60 min",
        "100 % delivered within 2 s, 0 false outcomes",
        false,
        "",
        "peers=500 session=60m loss=1% seconds=120 sends-per-second=200 senders=50",
        report -> Measured.sends(report, 1, 1));
    for (String end : List.of("no", "yes")) {
      boolean silent = end.equals("yes");
      add(
          "sends that may repeat, 1 % loss, 100 peers, sessions of 5 min, "
              + (silent ? "hosts die silently" : "processes die"),
          (silent ? "100 % within 10 s" : "99.999 % within 2 s, 100 % within 10 s")
              + ", 0 false outcomes",
          false,
          "",
          "peers=100 session=5m loss=1% seconds=120 sends-per-second=200 senders=50"
              + " repeatable=yes silent="
              + end,
          report -> Measured.sends(report, silent ? 0 : 0.99999, 1));
    }
    String churn = "peers=500 session=84s loss=1% seconds=120 sends-per-second=200 senders=50";
    add(
        "sends that may repeat, 1 % loss, sessions of 1.4 min, AVAILABLE",
        "99.99 % within 2 s, 100 % within 10 s, 0 false outcomes",
        false,
        "",
        churn + " repeatable=yes mode=available",
        report -> Measured.sends(report, 0.9999, 1),
        Repeats.SENDS);
    add(
        "sends that may repeat, 1 % loss, sessions of 1.4 min, STRICT",
        "99.99 % within 2 s, 100 % within 10 s, 0 false outcomes",
        false,
        "",
        churn + " repeatable=yes",
        report -> Measured.sends(report, 0.9999, 1),
        Repeats.SENDS);
    add(
        "sends that must not repeat, 1 % loss, sessions of 1.4 min, STRICT",
        "99.99 % within 2 s, 100 % within 10 s, 0 false outcomes",
        false,
        "",
        churn,
        report -> Measured.sends(report, 0.9999, 1),
        Repeats.SENDS);
  }

  private void deaths() {
    add(
        "crash, host alive: arc served again",
        "220 ms at 40 ms one way",
        false,
        "crash",
        "fixed-delay=40ms",
        report -> Measured.takeOver(report, 220));
    add(
        "peer leaves in an orderly way: arc served again",
        "80 ms (a round trip) at 40 ms one way, 100 % of sends within 2 s",
        false,
        "leave",
        "fixed-delay=40ms",
        report -> Measured.leaves(report, 80));
    add(
        "silent death in a ring of 2",
        "8 s",
        false,
        "widowed",
        "peers=2 fixed-delay=40ms broadcasts=0",
        report -> Measured.takeOver(report, 8_000));
    add(
        "silent death in a ring of 3",
        "8 s",
        false,
        "widowed",
        "peers=3 fixed-delay=40ms broadcasts=0",
        report -> Measured.takeOver(report, 8_000));
    add(
        "host dead, silent, default profile",
        "5 s",
        false,
        "silent",
        "fixed-delay=40ms",
        report -> Measured.takeOver(report, 5_000));
    add(
        "host dead, silent, fast profile",
        "3.5 s",
        false,
        "silent",
        "fixed-delay=40ms heartbeat=fast",
        report -> Measured.takeOver(report, 3_500));
  }

  private void masses() {
    for (String mode : List.of("available", "strict")) {
      double limit = mode.equals("available") ? 5_000 : 15_000;
      add(
          "half of 10,000 peers die at once, " + mode.toUpperCase(Locale.ROOT),
          "99.99 % of keys served in " + (mode.equals("available") ? "5 s" : "15 s"),
          false,
          "masskill",
          "peers=10000 seconds=40 sizes=64 broadcasts=0 settle=no mode=" + mode,
          report -> Measured.served(report, limit));
    }
    add(
        "5,000 and 5,000 peers meet again",
        "one ring in 15 s, 40 messages a peer",
        false,
        "split",
        "peers=10000 seconds=70 sizes=64 broadcasts=0 settle=no",
        report -> Measured.union(report, 15_000, 40));
  }

  private void upkeep() {
    add(
        "maintenance, idle",
        "250 B/s a peer",
        false,
        "",
        "peers=1000 session=none sends-per-second=0 broadcasts=0 seconds=60",
        report -> Measured.upkeep(report, 250));
    add(
        "maintenance under churn, sessions of 1.4 min, any peer in any 30 s",
        "never above 4,096 B/s",
        false,
        "",
        "peers=1000 session=84s loss=1% seconds=90 broadcasts=0",
        report -> Measured.mostUpkeep(report, 4_096));
  }

  private void joins() {
    add(
        "join at 40 ms one way",
        "p50 250 ms after the first link, 700 ms in all, p99 1.8 s",
        false,
        "",
        "peers=1000 session=10m fixed-delay=40ms seconds=120 sends-per-second=0 broadcasts=0",
        report -> Measured.joins(report, 250, 700, 1_800));
  }

  private void broadcasts() {
    add(
        "broadcast, 1,000 peers, no faults, links warm",
        "100 % reached, 1.03 payloads a peer, last after 0.5 s",
        false,
        "",
        "peers=1000 session=none seconds=60 sends-per-second=0 broadcasts=8",
        report -> Measured.broadcasts(report, 1.03, 500));
    add(
        "broadcast, 1,000 peers, 1 % loss, sessions of 1.4 min",
        "100 % reached of those alive throughout",
        false,
        "",
        "peers=1000 session=84s loss=1% seconds=60 sends-per-second=0 broadcasts=8",
        report -> Measured.broadcasts(report, Double.MAX_VALUE, Double.MAX_VALUE));
    for (String profile : List.of("masskill", "split", "pauses", "storm")) {
      add(
          "broadcast, 200 peers, scenario " + profile,
          "100 % reached of those alive throughout",
          false,
          profile,
          "peers=200 broadcasts=8",
          report -> Measured.broadcasts(report, Double.MAX_VALUE, Double.MAX_VALUE));
    }
    add(
        "broadcast, 100,000 peers, no faults, links warm",
        "100 % reached, last after 0.75 s",
        true,
        "",
        "peers=100000 session=none seconds=8 sends-per-second=0 broadcasts=4 level=1 sizes=64"
            + " deadline=4s settle=no",
        report -> Measured.broadcasts(report, 1.03, 750));
  }

  private void simulator() {
    add(
        "simulator, 10,000 peers that know all",
        "1,000,000 events/s",
        false,
        "",
        "peers=10000 session=none seconds=20 sizes=1024 sends-per-second=1000 " + QUICK,
        Measured::speed);
    add(
        "simulator, 100,000 peers with shared tables",
        "runs in 24 GiB: 251 KiB a peer",
        true,
        "",
        "peers=100000 level=1 session=none seconds=10 sizes=1024 sends-per-second=1000 deadline=4s "
            + QUICK,
        report -> Measured.memory(report, 100_000, 24));
    add(
        "simulator, 1,000,000 peers at level 3",
        "runs in 24 GiB: 25 KiB a peer; 1,000,000 events/s",
        true,
        "",
        "peers=1000000 level=3 session=none seconds=5 sizes=1024 sends-per-second=1000 deadline=4s "
            + QUICK,
        report -> Measured.speed(report).and(Measured.memory(report, 1_000_000, 24)));
  }

  static String number(int value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A row for each goal that says that it is open, in the order in which they are shown. */
  static List<GoalRow> unmeasured() {
    return Stream.of(
            RandomGoals.unmeasured(),
            all().stream().map(Goal::unmeasured).toList(),
            List.of(RealGoal.unmeasured()))
        .flatMap(List::stream)
        .toList();
  }

  /**
   * These rows with one for each goal that is not among them, which says that it is open, in the
   * order of the table.
   */
  public static List<GoalRow> whole(List<GoalRow> rows) {
    return unmeasured().stream()
        .map(
            open ->
                rows.stream()
                    .filter(row -> row.topic().equals(open.topic()))
                    .findFirst()
                    .orElse(open))
        .toList();
  }

  /**
   * The goals whose topic has something that matches a pattern; all if there is none.
   *
   * @param big the large ones, too; a pattern that fits them chooses them anyway
   */
  public static List<Goal> matching(Optional<Pattern> pattern, boolean big) {
    return all().stream()
        .filter(goal -> big || pattern.isPresent() || !goal.big())
        .filter(goal -> pattern.map(each -> each.matcher(goal.topic()).find()).orElse(true))
        .toList();
  }
}

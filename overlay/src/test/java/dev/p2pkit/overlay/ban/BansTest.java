// Bans reach everybody, later ones hold, and only the root's and its administrators' are obeyed.
package dev.p2pkit.overlay.ban;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.Fuzz;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.overlay.notice.AdministratorCertificate;
import dev.p2pkit.overlay.notice.NoticeCodec;
import dev.p2pkit.overlay.notice.NoticeListener;
import dev.p2pkit.overlay.simulator.SimulatedPeer;
import dev.p2pkit.overlay.simulator.Simulation;
import dev.p2pkit.overlay.transport.Ed25519;
import dev.p2pkit.overlay.transport.NetworkRoot;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.PeerId;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BansTest {
  /** How many questioners are answered in a moment. */
  private static final int MOST = 64;

  private static final long NOW = 1_800_000_000_000L;
  private static final NetworkRoot ROOT = NetworkRoot.ephemeral();
  private static final PeerId VILLAIN = new PeerId(new Key(7, 7));

  private final Simulation simulation = Simulation.seeded(5);
  private final List<Member> members = new ArrayList<>();

  /** A peer with bans only; broadcasts are lost, so that comparing has to do. */
  private final class Member implements NoticeListener<BanNotice> {
    final SimulatedPeer process;
    final Bans bans;
    final List<BanNotice> obeyed = new ArrayList<>();
    final List<String> refused = new ArrayList<>();
    List<BanNotice> kept;

    Member(String name, List<BanNotice> before) {
      this(name, before, Optional.of(ROOT.rawPublicKey()));
    }

    Member(String name, List<BanNotice> before, Optional<byte[]> root) {
      process = simulation.peer(name);
      kept = before;
      bans =
          process.host(
              new BanCodec(), effects -> new Bans(effects, "net", root, before, () -> NOW, this));
      members.add(this);
    }

    @Override
    public void onNotice(BanNotice notice) {
      obeyed.add(notice);
    }

    @Override
    public void onKept(BanNotice notice) {
      obeyed.add(notice);
    }

    @Override
    public void onRefused(BanNotice notice, String why) {
      refused.add(why);
    }

    @Override
    public void broadcast(byte[] payload) {}

    @Override
    public void keep(List<BanNotice> all) {
      kept = all;
    }
  }

  private static BanNotice notice(PeerId subject, boolean lifted, long at) {
    return BanNotice.issue(
        "net",
        subject,
        lifted,
        Instant.ofEpochMilli(at),
        "it lies",
        ROOT.rawPublicKey(),
        Optional.empty(),
        ROOT::sign);
  }

  /** Counts what a peer is sent, and sends what it is told to. */
  private final class Questioner implements Machine {
    final SimulatedPeer process;
    private final List<Effects> effects = new ArrayList<>();
    int answers;

    Questioner(String name) {
      process = simulation.peer(name);
      process.host(
          new BanCodec(),
          given -> {
            effects.add(given);
            return this;
          });
    }

    void say(Member to, BanMessage message) {
      process.run(now -> effects.get(0).send(to.process.ref(), message));
    }

    @Override
    public void start(long now) {}

    @Override
    public void onMessage(long now, PeerRef from, WireMessage message) {
      answers++;
    }
  }

  @Test
  void manyQuestionsGetOneAnswerAndForgedNoticesAreNotCheckedWithoutEnd() {
    Member member = new Member("a", List.of());
    member.bans.publish(notice(VILLAIN, false, NOW));
    Questioner questioner = new Questioner("q");
    for (int i = 0; i < 50; i++) {
      questioner.say(member, new BanMessage.Offer(i));
      questioner.say(member, new BanMessage.Notices(true, List.of()));
    }
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(questioner.answers).isEqualTo(1);
    assertThat(member.bans.statistics().unanswered()).isEqualTo(99);
    simulation.runFor(Duration.ofSeconds(1));
    questioner.say(member, new BanMessage.Offer(0));
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(questioner.answers).isEqualTo(2);

    List<BanNotice> forged = new ArrayList<>();
    for (int i = 0; i < NoticeCodec.PER_FRAME; i++) {
      byte[] bytes = notice(new PeerId(new Key(i, 1)), false, NOW).encode();
      bytes[bytes.length - 1] ^= 1;
      forged.add(BanNotice.decode(bytes));
    }
    for (int i = 0; i < 20; i++) {
      questioner.say(member, new BanMessage.Notices(false, forged));
    }
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(member.refused).hasSize(1);
    assertThat(member.bans.statistics().ignored()).isEqualTo(20 * NoticeCodec.PER_FRAME - 1);
    simulation.runFor(Duration.ofSeconds(2));
    BanNotice genuine = notice(new PeerId(new Key(3, 3)), false, NOW);
    questioner.say(member, new BanMessage.Notices(false, List.of(genuine)));
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(member.bans.isBanned(genuine.peer())).isTrue();
  }

  @Test
  void ofMoreThan64QuestionersTheRestWaits() {
    Member member = new Member("a", List.of());
    member.bans.publish(notice(VILLAIN, false, NOW));
    List<Questioner> many = new ArrayList<>();
    for (int i = 0; i < MOST + 10; i++) {
      many.add(new Questioner("q" + i));
    }
    many.forEach(each -> each.say(member, new BanMessage.Offer(0)));
    simulation.runFor(Duration.ofSeconds(1));
    assertThat(many.stream().mapToInt(each -> each.answers).sum()).isEqualTo(MOST);
    assertThat(member.bans.statistics().unanswered()).isEqualTo(10);
  }

  @Test
  void aPeerWithoutARootNeitherOffersNorAnswers() {
    new Member("a", List.of(), Optional.empty());
    Questioner questioner = new Questioner("q");
    Member member = members.get(0);
    member.process.publish(
        new RingView(
            member.process.ref(),
            true,
            1,
            List.of(),
            List.of(questioner.process.ref()),
            List.of(member.process.ref(), questioner.process.ref())));
    questioner.say(member, new BanMessage.Offer(5));
    simulation.runFor(Duration.ofSeconds(20));
    assertThat(questioner.answers).isZero();
    assertThat(member.bans.statistics().unanswered()).isEqualTo(1);
  }

  /** Each member's successor is the next one. */
  private void ring() {
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      Member next = members.get((i + 1) % members.size());
      RingView view =
          new RingView(
              member.process.ref(),
              true,
              1 + i,
              List.of(),
              List.of(next.process.ref()),
              members.stream().map(m -> m.process.ref()).toList());
      member.process.publish(view);
    }
  }

  @Test
  void whoMissedTheBroadcastLearnsABanFromItsNeighbour() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      new Member(name, List.of());
    }
    ring();
    assertThat(members.get(2).bans.publish(notice(VILLAIN, false, NOW))).isEmpty();
    simulation.runFor(Duration.ofSeconds(40));
    assertThat(members).allMatch(member -> member.bans.isBanned(VILLAIN));
    assertThat(members).allMatch(member -> member.obeyed.size() == 1);
  }

  @Test
  void manyBansReachANewcomer() {
    new Member("a", List.of());
    new Member("b", List.of());
    for (int i = 0; i < 200; i++) {
      members.get(0).bans.publish(notice(new PeerId(new Key(i, i)), i % 3 == 0, NOW - i));
    }
    ring();
    simulation.runFor(Duration.ofSeconds(20));
    assertThat(members.get(1).bans.notices()).hasSize(200);
  }

  @Test
  void theLaterOfTwoNoticesHoldsWhicheverComesFirst() {
    Member member = new Member("a", List.of());
    BanNotice ban = notice(VILLAIN, false, NOW);
    BanNotice lift = notice(VILLAIN, true, NOW + 5);
    assertThat(member.bans.publish(lift)).isEmpty();
    assertThat(member.bans.publish(ban)).isEmpty();
    assertThat(member.bans.isBanned(VILLAIN)).isFalse();
    assertThat(member.bans.publish(notice(VILLAIN, false, NOW + 6))).isEmpty();
    assertThat(member.bans.isBanned(VILLAIN)).isTrue();
  }

  @Test
  void whatIsKeptHoldsAfterARestart() {
    Member before = new Member("a", List.of());
    before.bans.publish(notice(VILLAIN, false, NOW));
    Member after = new Member("b", before.kept);
    assertThat(after.bans.isBanned(VILLAIN)).isTrue();
    assertThat(after.obeyed).hasSize(1);
  }

  @Test
  void onlyTheRootAndItsAdministratorsAreObeyed() {
    Member member = new Member("a", List.of());
    KeyPair administrator = Ed25519.generate();
    byte[] key = Ed25519.raw(administrator.getPublic()).orElseThrow();
    AdministratorCertificate right =
        AdministratorCertificate.issue(ROOT, key, "net", Instant.ofEpochMilli(NOW + 1_000));
    AdministratorCertificate stranger =
        AdministratorCertificate.issue(
            NetworkRoot.ephemeral(), key, "net", Instant.ofEpochMilli(NOW + 1_000));
    assertThat(refusal(member, administrator, Optional.empty(), NOW))
        .hasValueSatisfying(why -> assertThat(why).contains("neither the root"));
    assertThat(refusal(member, administrator, Optional.of(stranger), NOW))
        .hasValueSatisfying(why -> assertThat(why).contains("another root"));
    assertThat(refusal(member, Ed25519.generate(), Optional.of(right), NOW))
        .hasValueSatisfying(why -> assertThat(why).contains("another than the administrator"));
    assertThat(refusal(member, administrator, Optional.of(right), NOW + 2_000))
        .hasValueSatisfying(why -> assertThat(why).contains("expired"));
    assertThat(member.bans.isBanned(VILLAIN)).isFalse();
    assertThat(refusal(member, administrator, Optional.of(right), NOW)).isEmpty();
    assertThat(member.bans.isBanned(VILLAIN)).isTrue();
  }

  private static Optional<String> refusal(
      Member member, KeyPair signer, Optional<AdministratorCertificate> right, long at) {
    return member.bans.publish(
        BanNotice.issue(
            "net",
            VILLAIN,
            false,
            Instant.ofEpochMilli(at),
            "",
            Ed25519.raw(signer.getPublic()).orElseThrow(),
            right,
            bytes -> Ed25519.sign(signer.getPrivate(), bytes)));
  }

  @Test
  void aNoticeThatWasTamperedWithOrIsFromTheFutureIsRefused() {
    Member member = new Member("a", List.of());
    byte[] bytes = notice(VILLAIN, false, NOW).encode();
    for (int at = 5; at < bytes.length; at += 3) {
      byte[] altered = bytes.clone();
      altered[at] ^= 1;
      assertThat(member.bans.onBroadcast(altered)).isPresent();
    }
    assertThat(member.bans.notices()).isEmpty();
    assertThat(member.bans.onBroadcast(Arrays.copyOf(bytes, 20)))
        .contains(ErrorCode.PROTOCOL_ERROR);
    assertThat(member.bans.publish(notice(VILLAIN, false, NOW + 120_000)))
        .hasValueSatisfying(why -> assertThat(why).contains("future"));
  }

  @Test
  void aLineOfTextCarriesANotice() {
    BanNotice ban = notice(VILLAIN, false, NOW);
    assertThat(BanNotice.parse(ban.toText() + "\n").encode()).isEqualTo(ban.encode());
    assertThatThrownBy(() -> BanNotice.parse("p2pkit:ban:1:AAAA")).isInstanceOf(KitException.class);
    assertThatThrownBy(() -> BanNotice.parse("hello")).isInstanceOf(KitException.class);
  }

  @Test
  void framesComeBackAsTheyWere() {
    BanCodec codec = new BanCodec();
    BanMessage.Notices told =
        new BanMessage.Notices(
            true, List.of(notice(VILLAIN, false, NOW), notice(VILLAIN, true, 9)));
    WireWriter out = new WireWriter(64);
    codec.encode(told, out);
    BanMessage.Notices read =
        (BanMessage.Notices) codec.decode(codec.typeOf(told), new WireReader(out.toBytes()));
    assertThat(read.more()).isTrue();
    assertThat(read.notices().stream().map(BanNotice::toText))
        .containsExactlyElementsOf(told.notices().stream().map(BanNotice::toText).toList());
  }

  @Test
  void changedFramesAreReadOrRefused() {
    BanCodec codec = new BanCodec();
    KeyPair administrator = Ed25519.generate();
    byte[] key = Ed25519.raw(administrator.getPublic()).orElseThrow();
    BanNotice byAdministrator =
        BanNotice.issue(
            "net",
            VILLAIN,
            false,
            Instant.ofEpochMilli(NOW),
            "it lies",
            key,
            Optional.of(
                AdministratorCertificate.issue(ROOT, key, "net", Instant.ofEpochMilli(NOW))),
            bytes -> Ed25519.sign(administrator.getPrivate(), bytes));
    Fuzz fuzz = new Fuzz(13);
    for (BanMessage message :
        List.of(
            new BanMessage.Offer(7),
            new BanMessage.Notices(true, List.of(notice(VILLAIN, false, NOW), byAdministrator)))) {
      for (int i = 0; i < 20; i++) {
        WireWriter out = new WireWriter(64);
        codec.encode(message, out);
        fuzz.change(codec, codec.typeOf(message), out.toBytes());
      }
    }
  }
}

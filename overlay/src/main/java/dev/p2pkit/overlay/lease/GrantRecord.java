// What a grantor knows of the arc before its own.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Before;
import dev.p2pkit.sdk.PeerId;
import java.util.Optional;

/**
 * What a peer knows of the arc that ends where its own begins. It is the only one that grants that
 * arc, and the one that takes it over when the holder is gone and {@code until} has passed.
 *
 * @param holder the peer at whose position the arc ends
 * @param incarnation of the holder's process; 0 if it was never heard here
 * @param lo where the arc begins, as the holder has registered it here; empty if that is not known
 *     for certain
 * @param until when, by this peer's clock, the holder can serve nothing any more
 * @param doubted until when, by this peer's clock, any process of the holder may serve what others
 *     have granted it while this peer could not; no evidence about one process changes that
 * @param epoch the highest epoch known of the arc; the holder serves with no lower one
 * @param required with which epoch the arc must have been registered or handed over to the holder
 *     at least so that it may be granted; it has not adopted the arc before
 * @param heardAt when the holder was heard last
 * @param sentAt the number of the holder's last renewal
 * @param disclaimed whether the holder itself has shown that it does not hold the arc
 * @param dead whether the holder's process is known to be dead
 * @param beforeEpoch the holder's word about the arc before its own
 * @param beforeRequired the same
 */
public record GrantRecord(
    PeerId holder,
    long incarnation,
    Optional<PeerId> lo,
    long until,
    long doubted,
    long epoch,
    long required,
    long heardAt,
    long sentAt,
    boolean disclaimed,
    boolean dead,
    long beforeEpoch,
    long beforeRequired) {

  /** Of a holder that was not heard yet. */
  static GrantRecord unheard(
      PeerId holder, Optional<PeerId> lo, long until, long epoch, long required, long now) {
    return new GrantRecord(
        holder,
        0,
        lo,
        until,
        LeaseState.NEVER,
        epoch,
        required,
        now,
        Long.MIN_VALUE,
        false,
        false,
        0,
        0);
  }

  /** Of a holder of whom is not known what others have granted it, but until when. */
  static GrantRecord doubted(PeerId holder, long until, long epoch, long required, long now) {
    return new GrantRecord(
        holder,
        0,
        Optional.empty(),
        until,
        until,
        epoch,
        required,
        now,
        Long.MIN_VALUE,
        false,
        false,
        0,
        0);
  }

  /**
   * What goes with an arc to its next holder: all that is known, also of the arc before the
   * holder's. If the holder is dead, nobody else says it. No process is named as long as another
   * may have been granted something.
   */
  Before told(long now) {
    return new Before(
        now < doubted ? 0 : incarnation,
        lo,
        Math.max(0, until - now),
        epoch,
        required,
        beforeEpoch,
        beforeRequired);
  }

  /** After a grant. */
  GrantRecord granted(long incarnationNow, Renewal renewal, long untilThen, long now) {
    return new GrantRecord(
        holder,
        incarnationNow,
        Optional.of(renewal.lo()),
        Math.max(until, untilThen),
        doubted,
        Math.max(epoch, renewal.epoch()),
        renewal.registered(),
        now,
        renewal.sentAt(),
        false,
        false,
        renewal.beforeEpoch(),
        renewal.beforeRequired());
  }

  /** Whether this peer itself has granted the holder anything. */
  boolean isPromised() {
    return sentAt != Long.MIN_VALUE;
  }

  /** The holder has spoken. */
  GrantRecord heard(long now, boolean disclaims) {
    return new GrantRecord(
        holder,
        incarnation,
        lo,
        until,
        doubted,
        epoch,
        required,
        now,
        sentAt,
        disclaimed || disclaims,
        dead,
        beforeEpoch,
        beforeRequired);
  }

  /** The holder may serve until then. */
  GrantRecord until(long other) {
    return new GrantRecord(
        holder,
        incarnation,
        lo,
        other,
        doubted,
        epoch,
        required,
        heardAt,
        sentAt,
        disclaimed,
        dead,
        beforeEpoch,
        beforeRequired);
  }

  /** Others may have served the arc, up to this epoch. */
  GrantRecord above(long served) {
    return new GrantRecord(
        holder,
        incarnation,
        lo,
        until,
        doubted,
        Math.max(epoch, served),
        required,
        heardAt,
        sentAt,
        disclaimed,
        dead,
        beforeEpoch,
        beforeRequired);
  }

  /** The holder's process has ended: what this peer has granted it counts no more. */
  GrantRecord died(long now) {
    return new GrantRecord(
        holder,
        incarnation,
        lo,
        Math.max(doubted, Math.min(until, now)),
        doubted,
        epoch,
        required,
        heardAt,
        sentAt,
        disclaimed,
        true,
        beforeEpoch,
        beforeRequired);
  }
}

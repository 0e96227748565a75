// How sure a sender wants to be that a message by key goes to the key's owner.
package dev.p2pkit.sdk;

/**
 * How sure a sender wants to be that a message by key goes to the owner of the key, before anything
 * of the message leaves. Whatever is asked for costs questions to several peers, and for {@link
 * #GRANTED} two signatures, and is used again for keys of the same owner for up to four seconds.
 */
public enum OwnerCheck {
  /** The peers on the way are trusted: nothing is asked. */
  NONE,

  /**
   * Several peers are asked, each on a way of its own, who comes nearest behind the key; of those
   * that say over their own link that they own it, the nearest gets the message. One honest peer
   * that knows the owner is enough, however many others lie.
   */
  NEAREST,

  /**
   * As {@link #NEAREST}, and the owner must show the lease of its arc, signed by itself and by the
   * peer that has granted it, for this question. Two neighbours on the ring that lie together can
   * still do that; one alone cannot.
   */
  GRANTED
}

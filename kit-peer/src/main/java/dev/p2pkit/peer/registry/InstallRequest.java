// What is to be installed, ready signed.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.sdk.Key;

/**
 * An install or upgrade. The archive must be in this peer's archive store.
 *
 * @param record signed by the owner
 * @param grant 128 unguessable bits: a peer that shows them gets an archive that is not sharable
 * @param deadlineAt when the report is due, in the machine's microseconds
 */
public record InstallRequest(ServiceRecord record, Key grant, long deadlineAt) {}

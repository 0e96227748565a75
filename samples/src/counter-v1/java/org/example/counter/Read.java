// A message: how far is the counter?
package org.example.counter;

/**
 * Asks for the count without changing it.
 *
 * @param reason why somebody asks; shown in the service's log
 */
public record Read(String reason) {}

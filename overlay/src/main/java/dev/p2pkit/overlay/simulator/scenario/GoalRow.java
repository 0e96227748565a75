// A line of the table of goals.
package dev.p2pkit.overlay.simulator.scenario;

/**
 * One line of the table of goals.
 *
 * @param topic what it is about
 * @param goal what is to be reached
 * @param measured what was reached
 * @param met whether that is enough
 * @param command how to measure it again
 */
public record GoalRow(String topic, String goal, String measured, boolean met, String command) {}

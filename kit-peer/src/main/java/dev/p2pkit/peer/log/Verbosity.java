// One number for how much is logged, as the original P2PKit had it, on top of SLF4J's levels.
package dev.p2pkit.peer.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.LoggerFactory;

/**
 * How much P2PKit and the services log: 0 is silent, 10 is everything. 1 and 2 are errors, 3 and 4
 * warnings, 5 and 6 information, 7 and 8 debugging, 9 and 10 tracing. Takes effect at once and for
 * the whole JVM. Thread-safe. Works where Logback is the SLF4J provider, as on the command line; a
 * program with another provider sets its levels there.
 */
public final class Verbosity {
  /** Warnings and errors. */
  public static final int DEFAULT = 3;

  private Verbosity() {}

  /**
   * Sets how much is logged.
   *
   * @param level 0 to 10
   * @throws IllegalArgumentException for any other number
   */
  public static void set(int level) {
    Level wanted = levelOf(level);
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(wanted);
    }
  }

  /** Sends the log to standard error, one line for each event; for programs that print results. */
  public static void toStandardError(int level) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.reset();
      PatternLayoutEncoder encoder = new PatternLayoutEncoder();
      encoder.setContext(context);
      encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{24} %msg%n");
      encoder.start();
      ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
      appender.setContext(context);
      appender.setTarget("System.err");
      appender.setEncoder(encoder);
      appender.start();
      context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }
    set(level);
  }

  private static Level levelOf(int level) {
    return switch (level) {
      case 0 -> Level.OFF;
      case 1, 2 -> Level.ERROR;
      case 3, 4 -> Level.WARN;
      case 5, 6 -> Level.INFO;
      case 7, 8 -> Level.DEBUG;
      case 9, 10 -> Level.TRACE;
      default ->
          throw new IllegalArgumentException("a verbosity lies between 0 and 10, not " + level);
    };
  }
}

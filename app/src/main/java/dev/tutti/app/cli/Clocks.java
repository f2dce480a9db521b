package dev.tutti.app.cli;

import dev.tutti.app.cli.Finding.Severity;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What the doctor has to say about clocks that differ: certificates and keys are judged by them.
final class Clocks {
  /// Between this machine and the hub; both are asked at the same moment.
  private static final Duration HUB_TOLERANCE = Duration.ofSeconds(5);

  /// Between a node and the hub. What is known of it may be some seconds off, for the time that a
  /// heartbeat was on its way.
  static final Duration NODE_TOLERANCE = Duration.ofSeconds(60);

  private static final String FIX = "let both machines take their time from the network (NTP)";

  private Clocks() {}

  /// This machine and the hub.
  ///
  /// @param date as the hub's answer says it (RFC 9110 §6.6.1); whatever cannot be read says
  ///   nothing
  static Optional<Finding> ofHub(String date, Instant now) {
    Instant theirs;
    try {
      theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException _) {
      return Optional.empty();
    }
    var ahead = Duration.between(theirs, now);
    return ahead.abs().compareTo(HUB_TOLERANCE) <= 0
        ? Optional.of(Finding.ok("clock", "the clocks of this machine and the hub agree"))
        : Optional.of(Finding.of("clock", Severity.WARNING, words("this machine", ahead), FIX));
  }

  /// The nodes and the hub, as far as their agents tell.
  static List<Finding> ofNodes(List<JsonNode> nodes) {
    var findings = new ArrayList<Finding>();
    int agree = 0;
    for (JsonNode node : nodes) {
      JsonNode told = node.path("clock_ahead_s");
      if (!told.isNumber() || !Json.flag(node, "connected")) {
        continue;
      }
      var ahead = Duration.ofSeconds(told.asLong());
      if (ahead.abs().compareTo(NODE_TOLERANCE) < 0) {
        agree++;
      } else {
        findings.add(
            Finding.of(
                "node.clock", Severity.WARNING, words(Json.text(node, "node_id"), ahead), FIX));
      }
    }
    if (agree > 0) {
      findings.add(
          Finding.ok(
              "node.clock", "the clocks of " + Text.count(agree, "node") + " and the hub agree"));
    }
    return findings;
  }

  private static String words(String whose, Duration ahead) {
    return whose
        + "'s clock is "
        + Text.duration(ahead.abs())
        + (ahead.isNegative() ? " behind" : " ahead of")
        + " the hub's";
  }
}

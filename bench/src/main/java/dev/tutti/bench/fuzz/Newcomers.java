package dev.tutti.bench.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.core.MeshException;
import dev.tutti.link.ReportCodec;
import dev.tutti.link.agent.AgentReaders;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.agent.EngineAllowList;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.link.trust.MeshId;
import dev.tutti.link.trust.SafetyCode;
import dev.tutti.wire.node.EnrolRequest;
import dev.tutti.wire.node.PulseUp;
import dev.tutti.wire.node.RenewReply;
import dev.tutti.wire.node.RequestHead;
import dev.tutti.wire.node.SlotDown;
import dev.tutti.wire.node.SlotUp;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What must hold for any bytes between hub and agents.
final class Newcomers {
  /// The longest key that a request may be for: a key on P-256.
  private static final int KEY_BYTES = 91;

  /// What an agent lets through to its engine: nothing that another program could read otherwise.
  private static final Pattern TARGET =
      Pattern.compile("(/[a-z0-9_-]+)+(:[0-9a-f]{64})?(\\?[A-Za-z0-9_.=&-]+)?");

  private static final Pattern HEADER = Pattern.compile("[a-z0-9-]+");

  private Newcomers() {}

  /// A wish to join: its request for a certificate is one over a key that its sender has, or it is
  /// refused.
  static void enrolment(byte[] input) {
    request(input);
    try {
      EnrolRequest wish = EnrolRequest.parseFrom(input);
      request(wish.getCsr().toByteArray());
      SafetyCode.keeps(wish.getCommitment().toByteArray(), wish.getNumber().toByteArray());
      printable(ReportCodec.text(wish.getHost()));
    } catch (InvalidProtocolBufferException _) {
      // Refused.
    }
  }

  private static void request(byte[] request) {
    try {
      Claim.that(Authority.requestedKey(request).length == KEY_BYTES, "a key of another kind");
    } catch (MeshException _) {
      // Refused.
    }
  }

  /// What somebody typed as an invitation: read whole or not at all, and never told.
  static void token(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      JoinToken token = JoinToken.parse(text);
      Claim.that(JoinToken.parse(token.text()).equals(token), "written as something else");
      Claim.that(token.text().equals(text.strip()), "not all of it was read");
      Claim.that(!token.toString().contains(token.secret()), "the secret is shown");
    } catch (IllegalArgumentException e) {
      String told = text.strip();
      Claim.that(
          told.length() < 20 || !String.valueOf(e.getMessage()).contains(told),
          "the token is told");
    }
    MeshId.parse(text)
        .ifPresent(id -> Claim.that(MeshId.parse(id.uri()).equals(Optional.of(id)), "another id"));
  }

  /// A hub's answer to a renewal: only a certificate for the very key is taken.
  static void certificates(byte[] input) {
    try {
      Badge badge = AgentReaders.badge(Mesh.KEY, RenewReply.parseFrom(input), Mesh.NOW);
      Claim.that(
          badge.material().leaf().getPublicKey().equals(Mesh.KEY.getPublic()), "another key");
      Claim.that(badge.uuid() != null, "nobody's");
    } catch (InvalidProtocolBufferException | CertificateException _) {
      // Refused.
    }
  }

  /// Messages of both directions.
  static void messages(byte[] input) {
    try {
      PulseUp pulse = PulseUp.parseFrom(input);
      printable(ReportCodec.text(pulse.getHello().getVersion()));
      ReportCodec.read(pulse.getReport());
    } catch (InvalidProtocolBufferException | MeshException _) {
      // Refused.
    }
    try {
      SlotUp up = SlotUp.parseFrom(input);
      printable(ReportCodec.text(up.getFailure().getMessage()));
    } catch (InvalidProtocolBufferException _) {
      // Refused.
    }
    try {
      SlotDown down = SlotDown.parseFrom(input);
      if (down.hasHead()) {
        asked(down.getHead());
      }
    } catch (InvalidProtocolBufferException _) {
      // Refused.
    }
  }

  private static void asked(RequestHead head) {
    Optional<Map<String, String>> passed = EngineAllowList.headers(head.getHeadersMap());
    if (passed.isEmpty()) {
      return;
    }
    passed
        .get()
        .forEach((name, value) -> {
          Claim.that(HEADER.matcher(name).matches(), "header: " + name);
          printable(value);
        });
    if (EngineAllowList.allows(head.getMethod(), head.getPath(), passed.get())) {
      Claim.that(TARGET.matcher(head.getPath()).matches(), "let through: " + head.getPath());
      Claim.that(
          EngineAllowList.allows(head.getMethod(), head.getPath())
              || "true".equals(passed.get().get("x-tutti-administrator")),
          "managed by nobody");
    }
  }

  private static void printable(String text) {
    Claim.that(text.chars().noneMatch(Character::isISOControl), "control characters");
  }

  /// A report, and what becomes of it on its way from one hub's memory to the next.
  static void report(byte[] input) {
    try {
      var report = ReportCodec.read(dev.tutti.wire.node.NodeReport.parseFrom(input));
      var again = ReportCodec.read(ReportCodec.write(report));
      var third = ReportCodec.read(ReportCodec.write(again));
      Claim.that(third.equals(again), "told as something else");
    } catch (InvalidProtocolBufferException | MeshException _) {
      // Refused.
    }
  }
}

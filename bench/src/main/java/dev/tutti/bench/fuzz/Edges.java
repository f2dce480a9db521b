package dev.tutti.bench.fuzz;

import dev.tutti.access.audit.AuditCheck;
import dev.tutti.access.audit.AuditHead;
import dev.tutti.backends.EngineAddress;
import dev.tutti.core.Address;
import dev.tutti.core.MeshException;
import dev.tutti.core.Outbound;
import dev.tutti.dialects.BatchLines;
import dev.tutti.dialects.FileForms;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Arrays;

/// What must hold for any bytes at the smaller edges: files of batches and forms, addresses, and an
/// audit log that somebody else may have written.
final class Edges {
  private static final PublicKey KEY = key();

  private Edges() {}

  private static PublicKey key() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has Ed25519", e);
    }
  }

  static void batchLine(byte[] input) {
    BatchLines.Line line = BatchLines.read(input, 1, "/v1/chat/completions");
    if (line instanceof BatchLines.Request request) {
      Claim.json(request.body());
      byte[] answered = BatchLines.answered("b", request.customId(), "r", 200, request.body());
      Claim.json(answered);
      for (byte each : answered) {
        Claim.that(each != '\n', "an answer on two lines");
      }
    }
  }

  static void form(byte[] input) {
    try {
      FileForms.read(input, "multipart/form-data; boundary=b");
    } catch (MeshException _) {
      // Refused.
    }
  }

  /// Without the key that signs nobody makes a log that passes.
  static void auditLog(byte[] input) {
    var check = new AuditCheck(KEY);
    String text = new String(input, StandardCharsets.ISO_8859_1);
    int cut = text.indexOf('\n');
    AuditHead.parse(text);
    check.head(cut < 0 ? text : text.substring(0, cut));
    check.line(cut < 0 ? input : Arrays.copyOfRange(input, cut + 1, input.length));
    Claim.that(check.end() instanceof AuditCheck.Verdict.Broken, "a log without a key is whole");
  }

  /// What is let through is no address that nobody may be sent to, in whatever form.
  static void address(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      String host = EngineAddress.parse(text).host();
      Address.literal(host)
          .ifPresent(each ->
              Claim.that(Outbound.ENGINE.objectionTo(each).isEmpty(), "let through " + each));
      Claim.that(!Address.isAmbiguous(host), "let through " + host);
    } catch (MeshException _) {
      // Refused.
    }
    for (Outbound reach : Outbound.values()) {
      Address.literal(text)
          .ifPresent(each ->
              Claim.that(
                  reach.objectionTo(text).equals(reach.objectionTo(each)), "judged in two ways"));
    }
  }
}

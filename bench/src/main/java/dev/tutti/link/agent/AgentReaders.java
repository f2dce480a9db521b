package dev.tutti.link.agent;

import dev.tutti.wire.node.RenewReply;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.time.Instant;

/// What an agent reads of its hub's answers.
public final class AgentReaders {
  private AgentReaders() {}

  /// The badge in an answer to a renewal.
  public static Badge badge(KeyPair key, RenewReply reply, Instant now)
      throws CertificateException {
    return Certificates.badge(key, reply.getChainList(), reply.getPinsList(), now);
  }
}

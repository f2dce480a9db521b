/// What both ends of the link need to trust each other, as plain functions of what they are given:
/// pins, join tokens and their proofs, certificate chains, and when a certificate is due. It opens
/// no file and no socket, and knows the time only as a parameter. Called by both ends and by {@link
/// dev.tutti.link.authority}; calls the JDK only.
@NullMarked
package dev.tutti.link.trust;

import org.jspecify.annotations.NullMarked;

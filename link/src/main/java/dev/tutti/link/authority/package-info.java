/// The hub's certificate authority: a root that is needed once a year, an intermediate that signs
/// what nodes and the hub show, and how one root takes over from another. The only place that needs
/// a library for certificates; agents never load it. What is kept goes through {@link
/// dev.tutti.link.authority.Authority.Shelf}. Called by the hub's end and by app.
@NullMarked
package dev.tutti.link.authority;

import org.jspecify.annotations.NullMarked;

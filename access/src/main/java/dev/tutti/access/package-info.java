/// Who may do what: principals, keys, scopes, quotas, and the record of what was done.
///
/// A request's credentials become a {@link dev.tutti.access.Principal} in one place only, {@link
/// dev.tutti.access.Doorkeeper}.
///
/// Pure: a decision is a function of what is given to it; nothing here opens a file or a
/// connection. Called by gateway, store and app; calls core only.
@NullMarked
package dev.tutti.access;

import org.jspecify.annotations.NullMarked;

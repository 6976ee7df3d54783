#pragma once

namespace varia {

/// What only the program that runs components may call takes a HostKey: plugins see its name, and
/// only this header, which is not installed, makes one.
class HostKey {};

}  // namespace varia

#include "varia/host/program.hpp"

#include <cerrno>  // program_invocation_name
#include <system_error>

namespace varia {

std::filesystem::path own_program() {
  std::error_code error;
  auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  // The loader is what runs then; the launcher gives its own path as the program's name.
  if (program.filename().string().starts_with("ld-linux")) program = program_invocation_name;
  return program;
}

}  // namespace varia

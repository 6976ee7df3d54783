#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <typeinfo>

#include "support/temporary_folder.hpp"
#include "varia/error.hpp"

/// Reads one input as the program would. libFuzzer calls it with bytes that reach code that no
/// input has reached before, `replay.cpp` with those of the corpus.
/// @returns 0
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// What the targets share.
namespace varia::fuzz {

/// Ends the process: the input has found a fault.
[[noreturn]] inline void fault(const std::string& what) {
  std::fprintf(stderr, "fault: %s\n", what.c_str());
  std::abort();
}

inline void require(bool holds, const std::string& what) {
  if (!holds) fault("it does not hold that " + what);
}

/// The last input, as text.
inline std::string& last_input() {
  static std::string input;
  return input;
}

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  last_input().assign(reinterpret_cast<const char*>(data), size);
  return last_input();
}

/// Calls what reads the input.
/// @returns whether it was read; false if it was refused by an `Expected`, an error of Varia. Any
///          other exception is a fault.
template <class Expected, class Read>
bool accepts(const Read& read) {
  std::string message;
  try {
    read();
    return true;
  } catch (const Expected& error) {
    message = error.what();
  } catch (const std::exception& error) {
    fault(std::string("an exception of another kind, ") + typeid(error).name() + ": " +
          error.what());
  }
  require(!message.empty(), "an error says something");
  // A message may quote the input, and libFuzzer puts what is looked for into inputs.
  constexpr const char* kOfLibTorch = "Exception raised from";
  require(message.find(kOfLibTorch) == std::string::npos ||
              last_input().find(kOfLibTorch) != std::string::npos,
          "an error is in Varia's words: " + message);
  return false;
}

/// One folder of the process, for what is read from files.
inline const std::filesystem::path& folder() {
  static const varia::testing::TemporaryFolder folder;
  return folder.path();
}

/// Writes a file there, in place of the last one of that name. @returns its path
inline std::string write_file(const std::string& name, std::string_view bytes) {
  auto path = (folder() / name).string();
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) fault("the folder for files cannot be written to");
  return path;
}

}  // namespace varia::fuzz

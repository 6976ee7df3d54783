#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// What stands before and after the HDF5 part of a file; HDF5 programs skip it.
///
/// The head, which trial files have alone:
///
///     <format> <version> <size of the file> <bytes of text> <checksum>\n
///     text
///     zeros, up to the next power of two
///
/// Its checksum is that of the text and of what stands before it.
///
/// The end of every file:
///
///     varia-checksum <version> <bytes before it> <checksum of these>\n
///
/// A program that opens the file for writing cuts it off. The checksums are XXH3.
namespace varia::results {

inline constexpr const char* kTrialFormat = "varia-trial";
inline constexpr const char* kResultsFormat = "varia-results";
inline constexpr const char* kTensorsFormat = "varia-tensors";
inline constexpr std::int64_t kFormatVersion = 1;  ///< of all formats

inline constexpr std::size_t kLongestHeadText = 65000;

/// Bytes that the head takes: a power of two, at least 512.
std::size_t head_size(const std::string& format, const std::string& text);

/// The text with the line before it, for a file of `file_size` bytes.
std::string head_bytes(const std::string& format, const std::string& text, std::uint64_t file_size);

/// The text of a file. nullopt if the file has no head of this format and version, or it is
/// damaged.
std::optional<std::string> read_head(const std::string& path, const std::string& format);

inline constexpr std::size_t kEndSize = 55;

/// The end of an open file that has `size` bytes so far; empty, with errno, if it cannot be read.
std::string end_bytes(int file, std::uint64_t size);

/// Whether the bytes of a file are those that were written. nullopt if it is not there, or has no
/// end: another program has written to it, or it was cut off.
std::optional<bool> is_intact(const std::string& path);
/// @returns whether the file has an end. Without one, nothing can be told.
/// @throws StoreError if its bytes are not those that were written
bool require_intact(const std::string& path, const std::string& remedy);
/// Whether the file has an end; its bytes are not read.
bool has_end(const std::string& path);

/// Reads or writes `size` bytes at a place of an open file, whatever interrupts it.
/// @returns the bytes that were read, fewer at the end of the file; -1, with errno, for an error
ssize_t read_at(int file, std::uint64_t address, void* bytes, std::size_t size);
ssize_t write_at(int file, std::uint64_t address, const void* bytes, std::size_t size);

}  // namespace varia::results

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "varia/host/descriptor.hpp"

namespace varia::files {

/// Whether a file is to outlive a crash of the machine (fsync, which takes milliseconds), or of the
/// program only.
enum class Lasting { yes, no };

/// Writes a file that appears at its path whole or not at all: a temporary file beside it, fsync,
/// rename, fsync of the folder. Several processes may write one path; the last rename stays. The
/// folder is created where it does not exist.
/// @throws StoreError with the path and the reason; a file that was there before stays then
void write_whole_file(const std::string& path, const std::string& bytes,
                      Lasting lasting = Lasting::yes);

/// The same, written piece by piece: for what need not fit into memory. It owns the temporary file
/// until `commit`, and removes it if that does not come.
class WholeFile {
 public:
  /// Creates the folder and the temporary file. @throws StoreError with the path and the reason
  explicit WholeFile(std::string path, Lasting lasting = Lasting::yes);
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  /// Adds to its end. @throws StoreError with the path and the reason, from then on
  void write(std::string_view bytes);
  /// Gives it its path; called once. @throws StoreError with the path and the reason, also after an
  ///         error of `write`; a file that was there before stays then
  void commit();

 private:
  void check() const;

  std::string path_;
  std::string temporary_;  // empty once it has its path
  Lasting lasting_;
  int failure_ = 0;  // the number of the first error
  Descriptor file_;
};

/// Writes it so unless it has this content already: it keeps its time then. @throws StoreError
void write_if_changed(const std::string& path, const std::string& bytes);

/// Reads a regular file of at most `limit` bytes.
/// @throws StoreError: not there, no regular file, larger, not readable
std::string read_whole_file(const std::string& path, std::uint64_t limit);

/// Tells a file from the one that had its name before, and from what it was before it was written
/// to.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t changed = 0;  ///< nanoseconds, by the clock of the file system

  bool operator==(const FileStamp&) const = default;
};

/// nullopt if there is no file. It is opened, so that a network file system asks its server.
std::optional<FileStamp> stamp_of(const std::string& path);

/// Excludes other processes of this machine from what they do under such a lock of the same folder.
/// Without effect where the file system has no locks of folders, as Linux's NFS.
class FolderLock {
 public:
  /// Waits for the others.
  explicit FolderLock(const std::filesystem::path& folder);

 private:
  Descriptor folder_;
};

/// Makes what was renamed, linked or removed in a folder last (fsync). @throws StoreError
void sync_folder(const std::string& folder);

/// Gives the file `from`, whose content is on the disk already, the name `to` as well, where
/// nothing has that name yet, and removes the name `from`: atomically, so that of several who try,
/// on any machine, one succeeds. Both lie in one file system. Where the file system knows no links
/// it is `claim_and_rename`. The folder of `to` is synchronised.
/// @returns false where `to` is there already; `from` stays then
/// @throws StoreError
bool publish_new(const std::string& from, const std::string& to);

/// The same without links: an empty file claims the name, then `from` is renamed over it. Of
/// several who try one succeeds, too, but who is killed between the two steps leaves the empty
/// file.
bool claim_and_rename(const std::string& from, const std::string& to);

/// The same, replacing what is at `to`. @throws StoreError
void publish_over(const std::string& from, const std::string& to);

/// Puts the folder `from`, whose files are on the disk already, in the place of the folder `to`,
/// which is removed. Both lie in one file system. Where it can exchange two names, `to` is always
/// there; else it is `replace_in_two_steps`.
/// @throws StoreError: `to` is as it was then, unless the message says that an fsync failed
void replace_folder(const std::string& from, const std::string& to);

/// The same without an exchange: `to` gets a temporary name, then `from` gets its name. If the
/// second step fails, `to` gets its name back; a kill between the two leaves the temporary name.
void replace_in_two_steps(const std::string& from, const std::string& to);

/// Creates the folder of a file if it is not there. @throws StoreError
void create_folder_of(const std::string& path);

/// A name beside `path` for writing it, to be created exclusively:
/// "<path>.<place>-<pid>-<random>.tmp" (see place_mark). Those of dead processes are removed; those
/// of processes that cannot be seen if they are old.
std::string temporary_beside(const std::string& path);

/// Removes those of the files and folders of a folder whose names begin so. In a folder of Varia's
/// own (no `begin`) files of any name that ends with ".tmp" count.
void remove_left_behind(const std::string& folder, const std::string& begin = "");

/// Whether a file was written more than a day before its folder, or a file in it, was changed, by
/// the clock of the file system: no one is writing it any more.
bool is_old(const std::string& path);

}  // namespace varia::files

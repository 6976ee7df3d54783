#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "results/folder/result_paths.hpp"

/// Reading of files that this process did not write. On a file whose bytes were changed libhdf5 may
/// crash, never come back, or ask for all memory there is; so it is read in a process of its own,
/// with bounds on memory, processor time and time that grow with the files. Of a command that takes
/// longer than reading does, the files are read alone meanwhile, so that a file which keeps its
/// reader is named after some seconds. If they can be read, the command ends when it has used up
/// the processor time for the files and for its own work.
namespace varia::cli {

/// Reads all values, pictures and points of a merged file, or of a trial file.
/// @throws StoreError if it is damaged
void read_everything(const std::string& path);

/// The files of a results folder that commands read: the merged file, those of trials, and those of
/// trials in progress. None if there is no such folder.
std::vector<std::string> result_files(const results::ResultPaths& paths);

/// Reads one file, to find out which of many ends the process that reads it.
using ReadFile = std::function<void(const std::string& file)>;

/// The processor time that a command may take for the trials of a plan, in seconds.
double seconds_for(std::size_t trials);

/// Runs a command that reads results files in such a process.
/// @param files that it reads; what is not there counts as empty
/// @param read  how one of them is read: a file is called damaged if reading it alone ends a
///              process, too
/// @param seconds of processor time that the command may take beside what its files allow
/// @returns what the command returns
/// @throws StoreError if the process died, naming the file that did it if there is one; what the
///         command throws ends the process with its message on standard error, and 2 is returned
int read_guarded(const std::vector<std::string>& files, const std::function<int()>& command,
                 const ReadFile& read = read_everything, double seconds = 0);

/// The same for files that are named on the command line.
/// @throws StoreError if one of them is not there, with the one that may be meant
int read_named(const std::vector<std::string>& files, const std::function<int()>& command,
               double seconds = 0);

/// The same for a command that goes on with what it has read. Where the process is killed from
/// outside, it is tried again.
/// @returns what `command` returns, byte by byte
/// @throws StoreError naming the file, where the process died; with the message of what `command`
///         throws, where it does
std::string text_read_guarded(const std::vector<std::string>& files,
                              const std::function<std::string()>& command,
                              const ReadFile& read = read_everything, double seconds = 0);

/// Tries in such a process what this one is about to do, so that this one does not die of it. What
/// `command` throws, this process will find out for itself.
/// @throws StoreError naming the file, where the process died
void try_guarded(const std::vector<std::string>& files, const std::function<void()>& command,
                 const ReadFile& read = read_everything, double seconds = 0);

}  // namespace varia::cli

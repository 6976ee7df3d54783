#pragma once

#include <cstdint>
#include <string>

#include "varia/parameters.hpp"

namespace varia {

/// The SHA-256 of the file that another parameter names. It is found when the parameters are
/// loaded, so that a trial is known by the content of its files: if the file changes, the trial is
/// another one. If it is given, as it is in what was resolved, the file must have it. A submission
/// to a cluster keeps a copy of the file if the digest's name is that of the file's parameter with
/// `_sha256`.
class VARIA_API FileDigest final : public Parameter {
 public:
  /// What file is expected, for messages.
  struct Kind {
    std::string name;    ///< "a TorchScript file"
    std::string remedy;  ///< what to do if there is none: "write it by ..."
  };

  /// @param file of the same owner
  FileDigest(ParamSet* owner, std::string name, const Text& file, Kind kind, std::string doc);

  /// What is in the file, at most 2 GiB.
  /// @throws ConfigError at the place of the file's name, if it cannot be read, or is not what
  ///         it was when the parameters were loaded
  std::string content() const;
  /// Throws the ConfigError "<subject>: <name of the file's parameter>: <message>" at its place.
  [[noreturn]] void refuse_file(const std::string& message) const;

  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  void settle(const LoadContext& context) override;
  std::string read_file() const;

  const Text& file_;
  Kind kind_;
  std::string digest_;  // 64 hexadecimal digits; empty before the load
  std::string subject_;
  Location owner_where_;
};

}  // namespace varia

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pictures/image.hpp"

namespace varia::pictures {

/// A frame before it is composed.
struct FrameSize {
  std::int64_t height = 0;  ///< of the picture, before it is enlarged
  std::int64_t width = 0;
  std::string title;
};

/// Gives the frames of an animation one size: pictures, enlarged, on a black ground, and above them
/// room for the titles. Without titles there is no room, and a picture is just enlarged.
class TitledFrames {
 public:
  /// @param frames all that are to be composed
  /// @param scale  every pixel of a picture becomes a square of so many pixels; at least 1
  /// @throws Error where the frames would be too large (`check_size`)
  TitledFrames(const std::vector<FrameSize>& frames, std::int64_t scale);

  std::int64_t height() const { return band_ + height_; }
  std::int64_t width() const { return width_; }

  /// The frame. @throws Error where picture or title are larger than all that were announced
  Image compose(const Image& picture, const std::string& title) const;

 private:
  std::vector<std::string> lines(const std::string& title) const;

  std::int64_t scale_;
  std::int64_t height_ = 0;  // below the titles
  std::int64_t width_ = 0;
  std::int64_t band_ = 0;  // height of the room for the titles
};

/// Text for GD's fonts: at most `longest` bytes, a question mark for every character that is not
/// printable ASCII.
std::string plain_text(const std::string& text, std::size_t longest);

}  // namespace varia::pictures

"""Writes a picture (SVG) of a terminal session from its text: picture.py <SESSION.txt >SESSION.svg

A line that begins with "$ " or "# " is what was typed.
"""

import sys
from xml.sax.saxutils import escape

WIDTH, CHARACTER, LINE, MARGIN = 82, 7.8, 17, 14


def main():
    lines = sys.stdin.read().rstrip('\n').split('\n')
    width, height = WIDTH * CHARACTER + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" role="img">')
    print(f'<title>{escape(next((line for line in lines if line), ""))}</title>')
    print('<rect width="100%" height="100%" rx="6" fill="#16181d"/>')
    print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">')
    for n, line in enumerate(lines):
        colour = '#8fd18f' if line.startswith(('$ ', '# ')) else '#d8dce4'
        if line:
            print(f'<text x="{MARGIN}" y="{MARGIN + n * LINE + 12}" fill="{colour}" textLength="{len(line) * CHARACTER:.1f}">{escape(line)}</text>')
    print('</g>\n</svg>')


if __name__ == '__main__':
    main()

//! The ornaments, one for each category. Numbers here are a matter of taste.

use std::f32::consts::{PI, TAU};

use tiny_skia::Rect;

use super::Palette;
use super::canvas::{Canvas, mixed, polyline};
use crate::commands::seed::random::Random;

/// Fills an area, whose ground is there already.
pub type Ornament = fn(&mut Canvas, Rect, Palette, &mut Random);

fn between(random: &mut Random, low: u32, high: u32) -> f32 {
    random.between(low, high) as f32
}

/// A frame around a lattice of diamonds.
pub fn lattice(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let size = between(random, 44, 72);
    let diamond = |x: f32, y: f32, size: f32| [(x, y - size), (x + size, y), (x, y + size), (x - size, y)];
    let columns = (area.width() / size) as i32 + 1;
    let rows = (area.height() / size) as i32 + 1;
    for row in 0..=rows {
        for column in (row % 2..=columns).step_by(2) {
            let (x, y) = (column as f32 * size, area.top() + row as f32 * size);
            canvas.polygon(&diamond(x, y, size * 0.86), mixed(colours.ground, colours.figure, 0.18));
            canvas.polygon(&diamond(x, y, size * 0.56), colours.ground);
            canvas.polygon(&diamond(x, y, size * 0.26), colours.accent);
        }
    }
    let middle = (area.left() + area.width() / 2.0, area.top() + area.height() / 2.0);
    let medallion = between(random, 130, 165);
    canvas.circle(middle.0, middle.1, medallion, colours.ground);
    canvas.ring(middle.0, middle.1, medallion, 5.0, colours.figure);
    canvas.ring(middle.0, middle.1, medallion - 14.0, 2.0, colours.accent);
    let petals = random.between(5, 12);
    for petal in 0..petals {
        let angle = TAU * petal as f32 / petals as f32;
        let reach = medallion * 0.46;
        canvas.ring(middle.0 + reach * angle.cos(), middle.1 + reach * angle.sin(), reach * 0.82, 2.5, colours.figure);
    }
    canvas.circle(middle.0, middle.1, 12.0, colours.accent);
}

/// Rings around a point, one of them broken.
pub fn rings(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let (x, y) = (area.left() + between(random, 140, 500), area.top() + between(random, 180, 400));
    let step = between(random, 34, 52);
    let odd = random.between(3, 6);
    for ring in (1..=16).rev() {
        let colour =
            if ring == odd { colours.accent } else { mixed(colours.ground, colours.figure, 1.0 - ring as f32 / 20.0) };
        canvas.ring(x, y, ring as f32 * step, step * 0.42, colour);
    }
    canvas.circle(x, y, step * 0.6, colours.accent);
    // A fall of shadow through all of them.
    let (angle, far) = (between(random, 0, 360).to_radians(), 1200.0);
    let edge = |turn: f32| (x + far * (angle + turn).cos(), y + far * (angle + turn).sin());
    canvas.polygon(&[(x, y), edge(-0.16), edge(0.16)], colours.ground);
}

/// A planet, its moons, and their ways.
pub fn orbits(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    for _ in 0..90 {
        let (x, y) = (between(random, 0, 640), area.top() + between(random, 0, 560));
        canvas.circle(x, y, between(random, 6, 22) / 10.0, mixed(colours.ground, colours.ink, 0.7));
    }
    let (x, y) = (area.left() + between(random, 200, 440), area.top() + between(random, 240, 330));
    let radius = between(random, 105, 150);
    for band in 0..12 {
        // Each band is a smaller disc that moves towards the light.
        let share = band as f32 / 12.0;
        let shift = radius * 0.3 * share;
        let colour = mixed(mixed(colours.figure, colours.ground, 0.45), colours.figure, share * 1.4);
        canvas.circle(x - shift, y - shift, radius * (1.0 - 0.62 * share), colour);
    }
    for orbit in 1..=random.between(3, 5) {
        let way = radius + 34.0 * orbit as f32 + between(random, 0, 16);
        canvas.ring(x, y, way, 2.5, mixed(colours.ground, colours.accent, 0.75));
        let angle = between(random, 0, 360).to_radians();
        canvas.circle(x + way * angle.cos(), y + way * angle.sin(), between(random, 6, 15), colours.accent);
    }
}

/// A moon over mountains, the farther the paler.
pub fn peaks(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let (x, y) = (area.left() + between(random, 150, 490), area.top() + between(random, 120, 200));
    let moon = between(random, 54, 92);
    for halo in [2.6_f32, 1.9, 1.4] {
        canvas.circle(x, y, moon * halo, mixed(colours.ground, colours.accent, 0.5 / halo));
    }
    canvas.circle(x, y, moon, colours.accent);
    for range in 0..4 {
        let base = area.top() + 250.0 + 85.0 * range as f32;
        let mut ridge = vec![(-10.0, area.bottom())];
        let mut x = -60.0;
        while x < area.right() + 80.0 {
            ridge.push((x, base + between(random, 0, 60)));
            x += between(random, 40, 95);
            ridge.push((x, base - between(random, 30, 120)));
            x += between(random, 40, 95);
        }
        ridge.push((area.right() + 90.0, area.bottom()));
        canvas.polygon(&ridge, mixed(colours.ground, colours.figure, 0.35 + 0.22 * range as f32));
    }
}

/// Storeys of arches.
pub fn arches(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let columns = random.between(3, 5);
    let width = area.width() / columns as f32;
    let rows = (area.height() / (width * 1.25)).ceil() as u32;
    let height = area.height() / rows as f32;
    let lit = random.between(0, columns * rows - 1);
    for index in 0..columns * rows {
        let x = (index % columns) as f32 * width + width / 2.0;
        let bottom = area.top() + ((index / columns) + 1) as f32 * height - height * 0.08;
        let mut arch = |share: f32, colour: u32| {
            let half = width * 0.5 * share;
            let spring = bottom - height * 0.86 * share + half;
            let mut points = vec![(x - half, bottom), (x - half, spring)];
            points.extend((0..=24).map(|step| {
                let angle = PI + PI * step as f32 / 24.0;
                (x + half * angle.cos(), spring + half * angle.sin())
            }));
            points.push((x + half, bottom));
            canvas.polygon(&points, colour);
        };
        arch(0.84, colours.figure);
        arch(0.66, mixed(colours.ground, colours.accent, 0.25));
        arch(0.48, if index == lit { colours.figure } else { colours.accent });
    }
}

/// A field of dots whose sizes follow two waves.
pub fn dots(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let step = between(random, 26, 38);
    let (fast, slow, phase) = (between(random, 60, 130), between(random, 90, 220), between(random, 0, 6));
    let (columns, rows) = ((area.width() / step) as i32 + 1, (area.height() / step) as i32 + 1);
    let odd = (random.between(3, 11) as i32, random.between(3, 11) as i32);
    for row in 0..=rows {
        for column in 0..=columns {
            let x = (column as f32 + if row % 2 == 0 { 0.0 } else { 0.5 }) * step;
            let y = area.top() + row as f32 * step;
            let wave = ((x + y) / fast + phase).sin() * ((x - y) / slow).cos();
            let colour = mixed(colours.figure, colours.accent, (wave - 0.35) * 2.2);
            canvas.circle(x, y, step * (0.26 + 0.2 * wave), colour);
            if (column, row) == odd {
                canvas.ring(x, y, step * 0.95, 5.0, colours.accent);
            }
        }
    }
}

/// Kitchen tiles of half circles, each turned by chance.
pub fn tiles(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let columns = random.between(4, 6);
    let size = area.width() / columns as f32;
    let rows = (area.height() / size).ceil() as u32;
    for index in 0..columns * rows {
        let (x, y) = ((index % columns) as f32 * size, area.top() + (index / columns) as f32 * size);
        let field = random.pick(&[colours.ground, colours.ground, colours.paper, colours.accent]);
        canvas.rectangle(Rect::from_xywh(x, y, size, size).unwrap_or(area), field);
        let turn = between(random, 0, 3) * PI / 2.0;
        let figure = if field == colours.accent { colours.paper } else { colours.figure };
        let (centre_x, centre_y) = (x + size / 2.0 * (1.0 - turn.sin()), y + size / 2.0 * (1.0 + turn.cos()));
        let mut half = |radius: f32, colour: u32| {
            let points: Vec<(f32, f32)> = (0..=32)
                .map(|step| PI + turn + PI * step as f32 / 32.0)
                .map(|angle| (centre_x + radius * angle.cos(), centre_y + radius * angle.sin()))
                .collect();
            canvas.polygon(&points, colour);
        };
        half(size / 2.0, figure);
        half(size * 0.3, field);
        half(size * 0.12, figure);
    }
}

/// A sun over rolling hills.
pub fn hills(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let (x, y) = (area.left() + between(random, 140, 500), area.top() + between(random, 150, 230));
    canvas.circle(x, y, between(random, 78, 118), colours.accent);
    for range in 0..6 {
        let base = area.top() + 230.0 + 62.0 * range as f32;
        let (length, phase, rise) =
            (between(random, 90, 190), between(random, 0, 600) / 100.0, between(random, 18, 48));
        let mut ridge = vec![(0.0, area.bottom())];
        ridge.extend((0..=64).map(|step| {
            let x = area.width() * step as f32 / 64.0;
            (x, base + rise * (x / length + phase).sin() + 9.0 * (x / 37.0 + phase).sin())
        }));
        ridge.push((area.right(), area.bottom()));
        canvas.polygon(&ridge, mixed(colours.ground, colours.figure, 0.22 + 0.15 * range as f32));
    }
}

/// A heap of balls, some striped.
pub fn balls(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let tints = [colours.figure, colours.accent, colours.ink, mixed(colours.figure, 0xffffff, 0.55)];
    for row in 0..5 {
        for column in 0..4 {
            let x =
                40.0 + 180.0 * column as f32 + if row % 2 == 0 { 0.0 } else { 90.0 } + between(random, 0, 40) - 20.0;
            let y = area.top() + 70.0 + 112.0 * row as f32 + between(random, 0, 40) - 20.0;
            let (radius, tint) = (between(random, 40, 74), random.pick(&tints));
            canvas.circle(x, y, radius, tint);
            if random.chance(45) {
                canvas.ring(x, y, radius * 0.62, radius * 0.14, colours.ground);
                canvas.circle(x, y, radius * 0.28, colours.ground);
            } else if random.chance(50) {
                canvas.circle(x - radius * 0.3, y - radius * 0.1, radius * 0.12, colours.ground);
                canvas.circle(x + radius * 0.3, y - radius * 0.1, radius * 0.12, colours.ground);
                canvas.circle(x, y + radius * 0.3, radius * 0.17, colours.ground);
            }
        }
    }
}

/// Fine lines that swell around one spot.
pub fn waves(canvas: &mut Canvas, area: Rect, colours: Palette, random: &mut Random) {
    let (x, y) = (between(random, 180, 460), area.top() + between(random, 190, 370));
    let (reach, length, lift) = (between(random, 90, 150), between(random, 28, 60), between(random, 26, 58));
    canvas.circle(x, y, reach * 0.62, colours.accent);
    for line in 0..38 {
        let base = area.top() + 14.0 + 14.4 * line as f32;
        let points: Vec<(f32, f32)> = (0..=128)
            .map(|step| area.width() * step as f32 / 128.0)
            .map(|at| {
                let distance = ((at - x).powi(2) + (base - y).powi(2)) / (2.0 * reach * reach);
                (at, base - lift * (-distance).exp() * (1.0 + 0.5 * (at / length).sin()))
            })
            .collect();
        if let Some(path) = polyline(&points) {
            canvas.outline(&path, 2.4, colours.figure);
        }
    }
}

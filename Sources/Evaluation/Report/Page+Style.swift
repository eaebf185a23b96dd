extension Page {
    static let style = """
        :root { color-scheme: light dark; --paper: #fbfbf9; --card: #fff; --ink: #1c2024; --soft: #60676e; --grid: #e4e5e1; --empty: #f1f1ed;
          --wrong: #cf5a1b; --over: #fff; --s0: #1f6fb4; --s1: #d9730d; --s2: #2a8a57; --s3: #a03b8f; --s4: #7a6a12; --s5: #4b5563; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #15181b; --card: #1d2125; --ink: #e8eaec; --soft: #9aa3ab; --grid: #31373d; --empty: #262b30;
            --wrong: #e9772f; --over: #fff; --s0: #4f9fe0; --s1: #f09a45; --s2: #4fbf85; --s3: #d47cc6; --s4: #c9b345; --s5: #a3adb8; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1400px; margin: 0 auto; padding: 28px 24px 60px; }
        h1 { font-size: 26px; margin: 0 0 4px; letter-spacing: -.01em; } h2 { font-size: 17px; margin: 0 0 2px; }
        p { margin: 0 0 12px; color: var(--soft); max-width: 75ch; }
        .cards { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr)); margin-top: 18px; }
        section { background: var(--card); border: 1px solid var(--grid); border-radius: 10px; padding: 18px 20px; overflow-x: auto; min-width: 0; }
        .wide { margin-top: 18px; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
        th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--grid); white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; } th { font-weight: 600; color: var(--soft); font-size: 13px; vertical-align: bottom; white-space: normal; }
        td.text { text-align: left; } td.bad { color: var(--wrong); font-weight: 600; }
        details { margin-top: 12px; } summary { cursor: pointer; color: var(--soft); }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 8px; color: var(--soft); font-size: 13px; }
        .legend i { display: inline-block; width: 18px; height: 0; border-top: 3px solid; vertical-align: middle; margin-right: 6px; }
        .legend i.dashed { border-top-style: dashed; } .legend i.round, .legend i.open { width: 10px; height: 10px; border: 2px solid; border-radius: 50%; }
        .legend i.round { background: currentColor; }
        .chip { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px; background: currentColor; }
        svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
        svg .grid { stroke: var(--grid); stroke-width: 1; } svg .guide { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
        svg text { fill: var(--soft); } svg .label { fill: var(--ink); } svg .small { font-size: 11px; } svg .title { fill: var(--soft); }
        svg .inside { fill: var(--ink); } svg .over { fill: var(--over); } svg .empty { fill: var(--empty); } svg .wrong { fill: var(--wrong); }
        svg .line { fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linejoin: round; } svg .line.dashed { stroke-dasharray: 6 4; stroke-width: 1.8; }
        svg .dot, svg .bar { fill: currentColor; } svg .dot { stroke: var(--card); stroke-width: 1.5; }
        svg .bar.wrong { fill: var(--wrong); } svg .dot.ring { fill: var(--card); stroke: currentColor; stroke-width: 2; }
        .s0 { color: var(--s0); } .s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); } .s4 { color: var(--s4); } .s5 { color: var(--s5); }
        td .name { color: var(--ink); font-weight: 600; }
        """
}

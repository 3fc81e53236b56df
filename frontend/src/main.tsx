import { render } from 'preact';
import { connect } from './api/client';
import { App } from './app';
import { loadConfig } from './config';
import { startSession, token, tokenInsteadOf } from './session';
import { Failure } from './ui/message';
import './styles/index.css';

const root = document.getElementById('app') as HTMLElement;

async function start() {
  try {
    const config = await loadConfig();
    startSession(config);
    connect(config.apiUrl, { token, tokenInsteadOf });
  } catch (error) {
    console.error(error);
    render(
      <main class="wrap">
        <Failure title="The shop is closed for a moment" retry={() => location.reload()}>
          Its settings could not be loaded. Please try again in a minute.
        </Failure>
      </main>,
      root,
    );
    return;
  }
  render(<App />, root);
}

start();
